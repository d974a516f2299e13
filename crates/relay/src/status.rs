//! What the relay is doing, for `/health`, metrics, and tests.

use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use uuid::Uuid;

use crate::outbox::Outbox;
use crate::{Relay, RelayError};

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

/// What is in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxDepth {
    /// Events that are still to be delivered.
    pub pending: u64,
    /// Parked events, which an operator has to look at.
    pub parked: u64,
    /// The age of the oldest pending event.
    pub oldest_age: Option<Duration>,
}

/// An event that is parked after its last attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// What it is, for example `order.created`.
    pub event_type: String,
    /// The order that it is about.
    pub order_id: Uuid,
    /// How often its delivery had failed.
    pub attempts: i32,
    /// The last failure, in words.
    pub reason: String,
    /// When it was parked.
    pub parked_at: SystemTime,
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
    pub async fn glance(&self) -> Result<OutboxDepth, RelayError> {
        self.outbox.glance().await
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
            (RelayState::BackingOff { .. }, _) => tracing::info!("the relay delivers again"),
            (_, RelayState::Standby) => tracing::info!("another relay delivers; this one stands by"),
            (RelayState::Standby, _) => tracing::info!("the relay takes over"),
            _ => {}
        }
        self.report.send_modify(|report| report.state = state);
    }
}
