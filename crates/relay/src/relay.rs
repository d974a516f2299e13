//! The relay and its single step.

use std::sync::Arc;

use tokio::sync::{Mutex, Notify, watch};
use uuid::Uuid;
use waybill_postgres::Database;
use waybill_telemetry::Service;

use crate::delivery::{Outcome, deliver};
use crate::leadership::Leadership;
use crate::outbox::{Failure, Outbox};
use crate::{Event, RelayConfig, RelayError, RelayReport, RelayState, RelayStatus, Transport};

/// Takes the outbox's events to a transport.
pub struct Relay<T> {
    transport: T,
    pub(crate) config: RelayConfig,
    service: Service,
    pub(crate) outbox: Outbox,
    pub(crate) wake: Waker,
    pub(crate) report: watch::Sender<RelayReport>,
    /// Whoever holds it delivers: steps never overlap.
    turn: Mutex<Turn>,
}

/// What one step leaves to the next.
struct Turn {
    leadership: Leadership,
    /// What is known of deliveries but not yet written down, because the database went away in between. Written down
    /// later, it spares the receivers a second delivery.
    outcome: Outcome,
}

/// What a step did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// Another relay delivers; nothing was done.
    pub standby: bool,
    /// Events that were read.
    pub read: usize,
    /// Events that were delivered and deleted.
    pub delivered: usize,
    /// Events whose attempt was counted as failed; they wait now, or are set aside.
    pub failed: usize,
    /// Those of them that are set aside.
    pub set_aside: usize,
    /// Why the transport took no more; nothing was counted for those events.
    pub transport_away: Option<String>,
}

/// Wakes a relay. Call it after the commit of an order, in the same process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// The relay looks at the outbox as soon as it can. Calls that come while it is busy count as one.
    pub fn wake(&self) {
        self.0.notify_one();
    }

    /// Waits until it is woken, or returns at once when that has happened since the last time.
    pub async fn woken(&self) {
        self.0.notified().await;
    }
}

impl<T: Transport> Relay<T> {
    /// A relay of the outbox in `database`. It does nothing until it is run or stepped.
    pub fn new(database: Database, transport: T, config: RelayConfig, service: Service) -> Self {
        Self {
            transport,
            config,
            service,
            outbox: Outbox::new(database.clone()),
            wake: Waker::default(),
            report: watch::Sender::default(),
            turn: Mutex::new(Turn { leadership: Leadership::new(database), outcome: Outcome::default() }),
        }
    }

    /// What wakes this relay.
    pub fn waker(&self) -> Waker {
        self.wake.clone()
    }

    /// What this relay can be watched by.
    pub fn status(&self) -> RelayStatus {
        RelayStatus::new(self.report.subscribe(), self.outbox.clone())
    }

    /// Delivers one batch: what is due now, up to the batch's size. It does not wait, neither for events nor after
    /// failures, so a test can drive it.
    pub async fn step(&self) -> Result<Step, RelayError> {
        // On the heap, for it is large and callers would carry it around.
        Box::pin(self.take_turn(|| false)).await
    }

    /// Delivers one batch, and further ones as long as they are full and `go_on` agrees.
    pub(crate) async fn take_turn(&self, go_on: impl Fn() -> bool) -> Result<Step, RelayError> {
        let Turn { leadership, outcome } = &mut *self.turn.lock().await;
        let mut step = Step::default();
        let leads = leadership.acquire().await?;
        self.write_down(outcome, &mut step).await?;
        if !leads {
            step.standby = true;
            return Ok(step);
        }
        let mut batch = self.note_read(self.outbox.read_due(self.config.batch_size).await?);
        while !batch.is_empty() {
            step.read += batch.len();
            let read_ahead = batch.len() >= self.config.batch_size as usize && go_on();
            let under_way: Vec<Uuid> = batch.iter().map(|event| event.id).collect();
            // The former batch is written down and the next one is read while this one is delivered.
            let (delivered, next, still_leads) = tokio::join!(
                deliver(&self.transport, &self.service, &self.config, batch, leadership.lost()),
                self.prepare_next(outcome, &mut step, read_ahead.then_some(under_way.as_slice())),
                leadership.is_alive(),
            );
            let Some(delivered) = delivered else {
                leadership.release();
                return Err(RelayError::LockLost);
            };
            // What is known of this batch is kept even when the database has failed meanwhile.
            step.transport_away = delivered.transport_away;
            outcome.merge(delivered.outcome);
            batch = next?;
            if step.transport_away.is_some() || !still_leads {
                break;
            }
            self.enter_normal(RelayState::Active);
            if !go_on() {
                break;
            }
        }
        self.write_down(outcome, &mut step).await?;
        Ok(step)
    }

    /// Writes the former batch's outcome down, and then reads the next batch without the events that are under way,
    /// if that is wanted.
    async fn prepare_next(
        &self,
        outcome: &mut Outcome,
        step: &mut Step,
        under_way: Option<&[Uuid]>,
    ) -> Result<Vec<Event>, RelayError> {
        self.write_down(outcome, step).await?;
        match under_way {
            Some(under_way) => {
                let next = self.outbox.read_ahead(self.config.batch_size, under_way).await?;
                Ok(self.note_read(next))
            }
            None => Ok(Vec::new()),
        }
    }

    fn note_read(&self, batch: Vec<Event>) -> Vec<Event> {
        self.report.send_modify(|report| report.read += batch.len() as u64);
        batch
    }

    /// Deletes what was delivered and postpones what failed. What the database does not take stays in `outcome`.
    async fn write_down(&self, outcome: &mut Outcome, step: &mut Step) -> Result<(), RelayError> {
        if !outcome.delivered.is_empty() {
            self.outbox.delete_delivered(&outcome.delivered).await?;
            let delivered = outcome.delivered.len();
            outcome.delivered.clear();
            step.delivered += delivered;
            self.report.send_modify(|report| report.delivered += delivered as u64);
        }
        if !outcome.failed.is_empty() {
            let set_aside = self.outbox.postpone_failed(&outcome.failed).await?;
            let failed = std::mem::take(&mut outcome.failed);
            // One line for all: when a cause is common, it fails them by the thousand.
            let (count, Failure { id, error, .. }) = (failed.len(), &failed[0]);
            tracing::warn!(count, first = %id, error, "events were not delivered and wait");
            for event in &set_aside {
                tracing::error!(%event, "an event is set aside until someone looks at it");
            }
            step.failed += count;
            step.set_aside += set_aside.len();
            self.report.send_modify(|report| {
                report.failed += count as u64;
                report.set_aside += set_aside.len() as u64;
            });
        }
        Ok(())
    }
}
