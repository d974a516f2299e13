//! The checks behind `/health` and `/readyz`.

use std::fmt::{self, Write as _};
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use waybill_broker::Broker;
use waybill_postgres::Database;
use waybill_relay::RelayStatus;
use waybill_webhooks::WebhooksStatus;

type Check = dyn Fn() -> Result<(), String> + Send + Sync;

/// Checks, each run anew for every request.
///
/// A clone has its own list: a check that is added to it does not change the original.
#[derive(Clone, Default)]
pub struct Health {
    checks: Vec<(&'static str, Arc<Check>)>,
    /// Cancelled when the process is asked to end.
    ending: CancellationToken,
}

impl Health {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with_broker(self, broker: &Broker) -> Self {
        let broker = broker.clone();
        self.with("broker", move || {
            let health = broker.health();
            if health.is_good() { Ok(()) } else { Err(health.to_string()) }
        })
    }

    #[must_use]
    pub fn with_database(self, name: &'static str, database: &Database) -> Self {
        let database = database.clone();
        self.with(name, move || {
            database.health().map_err(|reason| format!("the database is unavailable: {reason}"))
        })
    }

    #[must_use]
    pub fn with_relay(self, relay: RelayStatus) -> Self {
        self.with("relay", move || {
            relay.health().map_err(|reason| format!("no event can be delivered: {reason}"))
        })
    }

    #[must_use]
    pub fn with_webhooks(self, webhooks: WebhooksStatus) -> Self {
        self.with("webhooks", move || webhooks.health())
    }

    /// Fails once the process is asked to end.
    #[must_use]
    pub fn until(mut self, ending: CancellationToken) -> Self {
        self.ending = ending.clone();
        self.with("process", move || {
            if ending.is_cancelled() { Err("the process is draining".to_owned()) } else { Ok(()) }
        })
    }

    /// Whether the process is asked to end.
    pub fn is_draining(&self) -> bool {
        self.ending.is_cancelled()
    }

    /// The first failure, in one sentence without a secret.
    pub fn now(&self) -> Result<(), String> {
        self.checks.iter().try_for_each(|(_, check)| check())
    }

    /// The results of all checks.
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

#[derive(Clone, Debug)]
pub struct Report(Vec<(&'static str, Result<(), String>)>);

impl Report {
    pub fn is_good(&self) -> bool {
        self.0.iter().all(|(_, found)| found.is_ok())
    }

    /// Each check's name and result.
    pub fn checks(&self) -> &[(&'static str, Result<(), String>)] {
        &self.0
    }
}

impl fmt::Display for Report {
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
        assert_eq!((own.now(), own.is_draining()), (Ok(()), false));
        stop.cancel();
        assert!(own.is_draining());
        assert_eq!(own.now(), Err("the process is draining".to_owned()));
        assert_eq!(own.report().to_string(), "disk: ok\nprocess: the process is draining\nnot ready\n");
        assert_eq!(shared.now(), Ok(()), "the original is unchanged");
    }
}
