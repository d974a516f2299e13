//! What the relay is doing, for `/health`, metrics, and tests.

use std::time::Duration;

use tokio::sync::watch;

use crate::outbox::Outbox;
use crate::{Relay, RelayError};

/// What a relay is doing right now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RelayState {
    /// It has not had its first look at the outbox yet.
    #[default]
    Starting,
    /// It delivers.
    Active,
    /// Another relay of the same database delivers.
    Standby,
    /// The transport or the database is away.
    BackingOff {
        /// What is away, in one sentence.
        reason: String,
    },
    /// It has ended.
    Stopped,
}

/// State and counters since the relay's start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RelayReport {
    /// What it is doing.
    pub state: RelayState,
    /// Events that were read, again after each failure.
    pub read: u64,
    /// Events that were delivered and deleted.
    pub delivered: u64,
    /// Attempts that failed because of the event.
    pub failed: u64,
    /// Events that were set aside.
    pub set_aside: u64,
}

/// What is in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxDepth {
    /// Events that are still to be delivered.
    pub waiting: u64,
    /// Events that an operator has to look at.
    pub set_aside: u64,
    /// The age of the oldest event that waits; none when nothing waits.
    pub oldest_age: Option<Duration>,
}

/// A handle to watch a relay by, also after its loop has ended. Cheap to clone.
#[derive(Clone)]
pub struct RelayStatus {
    report: watch::Receiver<RelayReport>,
    outbox: Outbox,
}

impl RelayStatus {
    pub(crate) fn new(report: watch::Receiver<RelayReport>, outbox: Outbox) -> Self {
        Self { report, outbox }
    }

    /// State and counters now.
    pub fn report(&self) -> RelayReport {
        self.report.borrow().clone()
    }

    /// Why no event can be delivered at the moment; fine while another relay of the same database delivers.
    pub fn health(&self) -> Result<(), String> {
        match &self.report.borrow().state {
            RelayState::BackingOff { reason } => Err(reason.clone()),
            RelayState::Stopped => Err("the relay has stopped".to_owned()),
            RelayState::Starting | RelayState::Active | RelayState::Standby => Ok(()),
        }
    }

    /// Waits until the report satisfies `condition`, and returns it; none when the relay is gone before that.
    pub async fn wait_for(&self, condition: impl FnMut(&RelayReport) -> bool) -> Option<RelayReport> {
        let mut report = self.report.clone();
        let found = report.wait_for(condition).await.ok()?;
        Some(found.clone())
    }

    /// Counts the outbox, which reads all of it: seldom, on request.
    pub async fn depth(&self) -> Result<OutboxDepth, RelayError> {
        self.outbox.read_depth().await
    }
}

impl<T> Relay<T> {
    /// Reports an outage. Only its beginning is logged, however often the relay tries.
    pub(crate) fn enter_outage(&self, reason: String) {
        if matches!(self.report.borrow().state, RelayState::BackingOff { .. }) {
            tracing::debug!(reason, "the relay still waits");
        } else {
            tracing::warn!(reason, "the relay waits; nothing is lost");
        }
        self.report.send_modify(|report| report.state = RelayState::BackingOff { reason });
    }

    /// Reports that the relay works, and logs what has changed by that.
    pub(crate) fn enter_normal(&self, state: RelayState) {
        let former = self.report.borrow().state.clone();
        if former == state {
            return;
        }
        match (&former, &state) {
            (RelayState::BackingOff { .. }, _) => tracing::info!("the relay goes on"),
            (_, RelayState::Standby) => tracing::info!("another relay delivers; this one stands by"),
            (RelayState::Standby, _) => tracing::info!("the relay takes over"),
            _ => {}
        }
        self.report.send_modify(|report| report.state = state);
    }
}
