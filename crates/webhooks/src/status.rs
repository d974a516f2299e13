//! What the relay of webhooks is doing, for `/health`, metrics, and tests.

use tokio::sync::watch;

/// Counters since the start, and what is wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhooksReport {
    /// Why nothing can be delivered at the moment: the database is away.
    pub waiting: Option<String>,
    /// Deliveries that were answered with 2xx.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Deliveries that were given up after three days.
    pub given_up: u64,
}

/// A handle to watch the relay of webhooks by. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WebhooksStatus(pub(crate) watch::Receiver<WebhooksReport>);

impl WebhooksStatus {
    /// Counters and state now.
    pub fn report(&self) -> WebhooksReport {
        self.0.borrow().clone()
    }

    /// Why nothing can be delivered at the moment. A receiver that is away is not ours to be unwell of.
    pub fn health(&self) -> Result<(), String> {
        self.0.borrow().waiting.clone().map_or(Ok(()), Err)
    }
}
