//! What the relay is doing, for `/health`, metrics, and tests.

use tokio::sync::watch;

use crate::RelayError;
use crate::outbox::{Outbox, OutboxDepth, Parked};

/// What a relay is doing right now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RelayState {
    /// It has not looked at the outbox yet.
    #[default]
    Starting,
    /// It delivers.
    Active,
    /// Another relay of the same database delivers.
    Standby,
    /// The transport or the database is unavailable.
    BackingOff {
        /// What is unavailable, in one sentence.
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
    /// Events that were parked.
    pub parked: u64,
}

/// A handle to a relay's status, also after its loop has ended. Cheap to clone.
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

    /// Waits until the report satisfies `condition`, and returns it; `None` if the relay is dropped before.
    pub async fn wait_for(&self, condition: impl FnMut(&RelayReport) -> bool) -> Option<RelayReport> {
        let mut report = self.report.clone();
        let found = report.wait_for(condition).await.ok()?;
        Some(found.clone())
    }

    /// Counts the outbox, which reads all of it: seldom, on request.
    pub async fn depth(&self) -> Result<OutboxDepth, RelayError> {
        self.outbox.read_depth().await
    }

    /// The parked events, the latest first; a hundred at most.
    pub async fn parked(&self) -> Result<Vec<Parked>, RelayError> {
        self.outbox.list_parked().await
    }

    /// Delivers the events that are parked for this reason again, and returns how many there are. Safe to repeat: the receiver knows
    /// an event that it has handled.
    pub async fn retry_parked(&self, reason: &str) -> Result<u64, RelayError> {
        self.outbox.retry_parked(reason).await
    }

    /// Counts the outbox up to 100,000 events, cheap enough for every few seconds.
    pub async fn read_bounded_depth(&self) -> Result<OutboxDepth, RelayError> {
        self.outbox.read_bounded_depth().await
    }
}
