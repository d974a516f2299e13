use tokio::sync::watch;

/// Counters since the start, and the outage if there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WebhooksReport {
    /// Why nothing can be delivered at the moment: the database is unavailable.
    pub waiting: Option<String>,
    /// Deliveries that were answered with 2xx.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Deliveries that failed for three days.
    pub failed_deliveries: u64,
}

/// A handle to the status of the relay of webhooks. Cheap to clone.
#[derive(Clone, Debug)]
pub struct WebhooksStatus(pub(crate) watch::Receiver<WebhooksReport>);

impl WebhooksStatus {
    /// Counters and state now.
    pub fn report(&self) -> WebhooksReport {
        self.0.borrow().clone()
    }

    /// Why nothing can be delivered at the moment. An unavailable receiver is not a fault of this process.
    pub fn health(&self) -> Result<(), String> {
        self.0.borrow().waiting.clone().map_or(Ok(()), Err)
    }
}
