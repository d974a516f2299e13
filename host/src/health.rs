//! Whether a process can do its work: what `/health` tells.

use std::sync::Arc;

use waybill_broker::Broker;
use waybill_postgres::Database;
use waybill_relay::RelayStatus;
use waybill_webhooks::WebhooksStatus;

type Check = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What has to be well, each asked anew at every look. Cheap to clone.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<Vec<Check>>,
}

impl Health {
    /// Nothing that could be unwell.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also the link to RabbitMQ.
    #[must_use]
    pub fn with_broker(self, broker: &Broker) -> Self {
        let broker = broker.clone();
        self.with(move || {
            let health = broker.health();
            if health.is_good() { Ok(()) } else { Err(health.to_string()) }
        })
    }

    /// Also a database.
    #[must_use]
    pub fn with_database(self, database: &Database) -> Self {
        let database = database.clone();
        self.with(move || database.health().map_err(|reason| format!("the database is away: {reason}")))
    }

    /// Also the relay.
    #[must_use]
    pub fn with_relay(self, relay: RelayStatus) -> Self {
        self.with(move || relay.health().map_err(|reason| format!("no event can be delivered: {reason}")))
    }

    /// Also the relay of webhooks.
    #[must_use]
    pub fn with_webhooks(self, webhooks: WebhooksStatus) -> Self {
        self.with(move || webhooks.health())
    }

    /// What is unwell first, in one sentence without a secret.
    pub fn now(&self) -> Result<(), String> {
        self.checks.iter().try_for_each(|check| check())
    }

    fn with(mut self, check: impl Fn() -> Result<(), String> + Send + Sync + 'static) -> Self {
        // Checks are added before the first clone is made; after that they would be lost to the clones.
        if let Some(checks) = Arc::get_mut(&mut self.checks) {
            checks.push(Box::new(check));
        }
        self
    }
}
