use std::sync::Arc;
use std::time::Duration;

use crate::SecretKeys;

/// Settings of the relay of webhooks.
#[derive(Clone, Debug)]
pub struct WebhooksConfig {
    /// Requests in flight. As many as all endpoints may have, of which there are a hundred at most: so those that do not answer take
    /// nothing from the others.
    pub requests_most: u32,
    /// Requests in flight to one endpoint.
    pub requests_per_endpoint: u32,
    /// The time that a receiver may take to connect and answer.
    pub answer_limit: Duration,
    /// Whether addresses of private networks, and those without TLS, may be posted to.
    pub allow_private: bool,
    /// What the secrets of endpoints are encrypted with in the database; `None` leaves them as they are.
    pub secret_keys: Option<Arc<SecretKeys>>,
    /// The time between two polls of the outbox shortly after a delivery.
    pub poll_least: Duration,
    /// The longest time between two polls. Without deliveries the interval doubles up to it.
    pub poll_most: Duration,
    /// How long requests in flight may take after the stop was asked for.
    pub drain_limit: Duration,
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        Self {
            requests_most: 400,
            requests_per_endpoint: 4,
            answer_limit: Duration::from_secs(15),
            allow_private: false,
            secret_keys: None,
            poll_least: Duration::from_millis(100),
            poll_most: Duration::from_secs(2),
            drain_limit: Duration::from_secs(2),
        }
    }
}
