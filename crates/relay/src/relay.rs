//! The relay and its single step.

use std::collections::{HashSet, VecDeque};
use std::pin::pin;

use futures::StreamExt as _;
use futures::stream::FuturesOrdered;
use tokio::sync::{Mutex, watch};
use uuid::Uuid;
use waybill_backoff::Waker;
use waybill_postgres::Database;
use waybill_telemetry::Service;

use crate::delivery::{Delivery, Outcome, deliver};
use crate::leadership::Leadership;
use crate::outbox::{Batch, Failure, Outbox};
use crate::{RelayConfig, RelayError, RelayReport, RelayState, RelayStatus, Transport};

/// Takes the outbox's events to a transport.
pub struct Relay<T> {
    pub(crate) transport: T,
    pub(crate) config: RelayConfig,
    service: Service,
    pub(crate) outbox: Outbox,
    pub(crate) wake: Waker,
    pub(crate) report: watch::Sender<RelayReport>,
    /// Held during a step, so that steps never overlap.
    turn: Mutex<Turn>,
}

/// What one step passes to the next.
struct Turn {
    leadership: Leadership,
    /// Results that are not yet in the outbox, because the database became unavailable in between. To write them later spares the
    /// receivers a second delivery.
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
    /// Events whose attempt was counted as failed; they are pending or parked now.
    pub failed: usize,
    /// Those of them that are parked.
    pub parked: usize,
    /// Why the transport took no more; nothing was counted for those events.
    pub transport_unavailable: Option<String>,
}

impl<T: Transport> Relay<T> {
    /// A relay of the outbox in `database`. It does nothing until it is run or stepped.
    pub fn new(database: Database, transport: T, config: RelayConfig, service: Service) -> Self {
        let leadership = Leadership::new(database.clone(), config.lock_limit);
        Self {
            transport,
            config,
            service,
            outbox: Outbox::new(database),
            wake: Waker::default(),
            report: watch::Sender::default(),
            turn: Mutex::new(Turn { leadership, outcome: Outcome::default() }),
        }
    }

    /// The waker of this relay.
    pub fn waker(&self) -> Waker {
        self.wake.clone()
    }

    /// A handle to its status.
    pub fn status(&self) -> RelayStatus {
        RelayStatus::new(self.report.subscribe(), self.outbox.clone())
    }

    /// Delivers one batch: what is due now, up to the batch's size. It does not wait, neither for events nor after
    /// failures, so a test can drive it.
    pub async fn step(&self) -> Result<Step, RelayError> {
        // On the heap, for it is large and callers would carry it around.
        Box::pin(self.run_batches(|| false)).await
    }

    /// Delivers one batch, and further ones as long as they are full and `go_on` agrees.
    pub(crate) async fn run_batches(&self, go_on: impl Fn() -> bool) -> Result<Step, RelayError> {
        let Turn { leadership, outcome } = &mut *self.turn.lock().await;
        let mut step = Step::default();
        let leads = leadership.acquire().await?;
        self.write_down(outcome, &mut step).await?;
        if !leads {
            step.standby = true;
            return Ok(step);
        }
        let delivered = self.deliver_batches(leadership, outcome, &mut step, go_on).await;
        if matches!(delivered, Err(RelayError::LockLost)) {
            leadership.release();
        }
        delivered?;
        self.write_down(outcome, &mut step).await?;
        Ok(step)
    }

    /// Reads batches and delivers them. What is known of their events when it ends, in whatever way, is in `outcome`.
    async fn deliver_batches(
        &self,
        leadership: &Leadership,
        outcome: &mut Outcome,
        step: &mut Step,
        go_on: impl Fn() -> bool,
    ) -> Result<(), RelayError> {
        let mut deliveries = FuturesOrdered::new();
        // The events of each batch in flight.
        let mut in_flight = VecDeque::new();
        let mut batch = self.record_read(self.outbox.read_due(self.config.batch_size).await?);
        let mut is_going_on = !batch.events.is_empty();
        let mut failure = None;
        loop {
            if !is_going_on || step.read > 0 && !go_on() {
                is_going_on = false;
                batch.events.clear();
            }
            let mut ended = Vec::new();
            if !batch.events.is_empty() && deliveries.len() < self.config.batches_at_once {
                let Batch { events, is_full } = std::mem::take(&mut batch);
                is_going_on = is_full;
                step.read += events.len();
                in_flight.push_back(events.iter().map(|event| event.id).collect::<Vec<_>>());
                let lost = leadership.lost();
                deliveries.push_back(deliver(&self.transport, &self.service, &self.config, events, lost));
            } else if batch.events.is_empty() && is_going_on {
                // Former batches are written down and the next one is read while others are delivered.
                let in_flight: Vec<Uuid> = in_flight.iter().flatten().copied().collect();
                let next = self.prepare_next(leadership, outcome, step, &in_flight);
                match alongside(next, &mut deliveries, &mut ended).await {
                    Ok(next) => batch = next,
                    // What is known of batches is kept even when the database has failed meanwhile.
                    Err(error) => failure = Some(error),
                }
                is_going_on = !batch.events.is_empty();
            } else if let Some(delivery) = deliveries.next().await {
                ended.push(delivery);
            } else {
                return failure.map_or(Ok(()), Err);
            }
            for delivery in ended {
                let Delivery { outcome: known, transport_unavailable } =
                    delivery.ok_or(RelayError::LockLost)?;
                in_flight.pop_front();
                outcome.merge(known);
                if transport_unavailable.is_some() {
                    is_going_on = false;
                    step.transport_unavailable = transport_unavailable;
                } else {
                    self.enter_normal(RelayState::Active);
                }
            }
        }
    }

    /// Writes down what is known of former batches, and then reads the next batch without the events in flight. It is empty if the
    /// lock is gone.
    async fn prepare_next(
        &self,
        leadership: &Leadership,
        outcome: &mut Outcome,
        step: &mut Step,
        in_flight: &[Uuid],
    ) -> Result<Batch, RelayError> {
        let read = async {
            self.write_down(outcome, step).await?;
            Ok(self.record_read(self.outbox.read_ahead(self.config.batch_size, in_flight).await?))
        };
        let (batch, leads) = tokio::join!(read, leadership.is_alive());
        if leads { batch } else { Ok(Batch::default()) }
    }

    fn record_read(&self, batch: Batch) -> Batch {
        self.report.send_modify(|report| report.read += batch.events.len() as u64);
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
            let parked: HashSet<Uuid> =
                self.outbox.postpone_failed(&outcome.failed).await?.into_iter().collect();
            let failed = std::mem::take(&mut outcome.failed);
            let count = failed.len();
            let mut retried = failed.iter().filter(|failure| !parked.contains(&failure.id));
            // One line for all: when a cause is common, it fails them by the thousand.
            if let Some(Failure { id, error, .. }) = retried.next() {
                let count = retried.count() + 1;
                tracing::warn!(count, first = %id, error, "events were not delivered and are retried later");
            }
            for Failure { id, error, .. } in failed.iter().filter(|failure| parked.contains(&failure.id)) {
                tracing::error!(event = %id, error, "an event is parked until an operator retries it");
            }
            step.failed += count;
            step.parked += parked.len();
            self.report.send_modify(|report| {
                report.failed += count as u64;
                report.parked += parked.len() as u64;
            });
        }
        Ok(())
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
            (_, RelayState::Standby) => tracing::info!("another relay delivers; this one stands by"),
            (RelayState::BackingOff { .. }, _) => tracing::info!("the relay delivers again"),
            (RelayState::Standby, _) => tracing::info!("the relay takes over"),
            _ => {}
        }
        self.report.send_modify(|report| report.state = state);
    }
}

/// Does some work while deliveries go on; those that end meanwhile come to `ended`.
async fn alongside<T, D: Future>(
    work: impl Future<Output = T>,
    deliveries: &mut FuturesOrdered<D>,
    ended: &mut Vec<D::Output>,
) -> T {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            done = &mut work => return done,
            Some(delivery) = deliveries.next() => ended.push(delivery),
        }
    }
}
