//! What the relay is doing, for `/health`, metrics, and tests.

use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use uuid::Uuid;

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

/// An event that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// What it is, for example `order.created`.
    pub event_type: String,
    /// The order that it is about.
    pub order_id: Uuid,
    /// How often its delivery had failed.
    pub attempts: i32,
    /// Why, in the words of the last failure.
    pub reason: String,
    /// When it was given up.
    pub set_aside_at: SystemTime,
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

    /// The events that were given up, those first that were last; a hundred at most.
    pub async fn set_aside(&self) -> Result<Vec<SetAside>, RelayError> {
        self.outbox.list_set_aside().await
    }

    /// Has the events that were given up for this reason delivered again, and returns how many there are. Safe to repeat: the
    /// receiver knows an event that it has taken in.
    pub async fn retry_set_aside(&self, reason: &str) -> Result<u64, RelayError> {
        self.outbox.retry_set_aside(reason).await
    }

    /// Counts the outbox up to 100,000 events, for those who look every few seconds.
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
            (RelayState::BackingOff { .. }, _) => tracing::info!("the relay goes on"),
            (_, RelayState::Standby) => tracing::info!("another relay delivers; this one stands by"),
            (RelayState::Standby, _) => tracing::info!("the relay takes over"),
            _ => {}
        }
        self.report.send_modify(|report| report.state = state);
    }
}
