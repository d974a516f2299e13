//! Whether a process can do its work: what `/health` and `/readyz` tell.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use waybill_broker::Broker;
use waybill_postgres::Database;
use waybill_relay::RelayStatus;
use waybill_webhooks::WebhooksStatus;

type Check = dyn Fn() -> Result<(), String> + Send + Sync;

/// What has to be well, each asked anew at every look.
///
/// Each clone has a list of its own, so that a check which one part of a process adds holds there, whoever has a clone already.
#[derive(Clone, Default)]
pub struct Health {
    checks: Vec<(&'static str, Arc<Check>)>,
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
    pub fn until(self, ending: CancellationToken) -> Self {
        self.with("process", move || {
            if ending.is_cancelled() { Err("the process is draining".to_owned()) } else { Ok(()) }
        })
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
        self.checks.push((name, Arc::new(check)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_is_added_to_a_clone_holds_there() {
        let stop = CancellationToken::new();
        let shared = Health::new().with("disk", || Ok(()));
        let own = shared.clone().until(stop.clone());
        assert_eq!(own.now(), Ok(()));
        stop.cancel();
        assert_eq!(own.now(), Err("the process is draining".to_owned()));
        assert_eq!(own.report().to_string(), "disk: ok\nprocess: the process is draining\nnot ready\n");
        assert_eq!(shared.now(), Ok(()), "what nobody added is not asked");
    }
}
