//! Whether a process can do its work: what `/health` and `/readyz` tell.

use std::{
    fmt::{self, Write as _},
    sync::Arc,
};

use tokio_util::sync::CancellationToken;
use waybill_broker::Broker;
use waybill_postgres::Database;
use waybill_relay::RelayStatus;
use waybill_webhooks::WebhooksStatus;

type Check = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// What has to be well, each asked anew at every look. Cheap to clone.
#[derive(Clone, Default)]
pub struct Health {
    checks: Arc<Vec<(&'static str, Check)>>,
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
        self.with("broker", move || {
            let health = broker.health();
            if health.is_good() { Ok(()) } else { Err(health.to_string()) }
        })
    }

    /// Also a database, known as `name`.
    #[must_use]
    pub fn with_database(self, name: &'static str, database: &Database) -> Self {
        let database = database.clone();
        self.with(name, move || database.health().map_err(|reason| format!("the database is away: {reason}")))
    }

    /// Also the relay.
    #[must_use]
    pub fn with_relay(self, relay: RelayStatus) -> Self {
        self.with("relay", move || {
            relay.health().map_err(|reason| format!("no event can be delivered: {reason}"))
        })
    }

    /// Also the relay of webhooks.
    #[must_use]
    pub fn with_webhooks(self, webhooks: WebhooksStatus) -> Self {
        self.with("webhooks", move || webhooks.health())
    }

    /// Also that nobody has asked the process to end.
    #[must_use]
    pub fn until(self, stop: CancellationToken) -> Self {
        self.with(
            "process",
            move || {
                if stop.is_cancelled() { Err("it is ending".to_owned()) } else { Ok(()) }
            },
        )
    }

    /// What is unwell first, in one sentence without a secret.
    pub fn now(&self) -> Result<(), String> {
        self.checks.iter().try_for_each(|(_, check)| check())
    }

    /// Every check as it is now.
    pub fn report(&self) -> Report {
        Report(self.checks.iter().map(|(name, check)| (*name, check())).collect())
    }

    fn with(
        mut self,
        name: &'static str,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        // Checks are added before the first clone is made; after that they would be lost to the clones.
        if let Some(checks) = Arc::get_mut(&mut self.checks) {
            checks.push((name, Box::new(check)));
        }
        self
    }
}

/// What each check found.
#[derive(Clone, Debug)]
pub struct Report(Vec<(&'static str, Result<(), String>)>);

impl Report {
    /// Whether everything is well.
    pub fn is_good(&self) -> bool {
        self.0.iter().all(|(_, found)| found.is_ok())
    }

    /// The checks by their names, each with what is wrong.
    pub fn checks(&self) -> &[(&'static str, Result<(), String>)] {
        &self.0
    }
}

impl fmt::Display for Report {
    /// One line for each check.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, found) in &self.0 {
            match found {
                Ok(()) => writeln!(out, "{name}: ok")?,
                Err(reason) => writeln!(out, "{name}: {}", reason.replace(['\r', '\n'], " "))?,
            }
        }
        out.write_str(if self.is_good() { "ready" } else { "not ready" })?;
        out.write_char('\n')
    }
}
