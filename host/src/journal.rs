//! What became of the latest orders, for whoever watches them: the times at which this process saw each step.
//!
//! It is kept in memory and bounded. What has to be known for good is in the databases.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use serde::Deserialize;
use tokio::sync::broadcast;
use uuid::Uuid;
use waybill_contracts::ORDER_CREATED;
use waybill_relay::{DeliveryError, Event, Transport};
use waybill_telemetry::TraceId;

/// Orders that are kept; the oldest goes when there are more. Each takes about 200 bytes.
const ORDERS: usize = 10_000;

/// News that a slow watcher may be behind; it misses the oldest when there are more.
const NEWS: usize = 256;

/// The steps of an order's life, in their order.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Its request arrived.
    Accepted,
    /// It and its event are committed.
    Committed,
    /// The transport has confirmed its event.
    Published,
    /// Its event was handed to the invoices component.
    Delivered,
    /// Its invoice is committed.
    Invoiced,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Accepted, Self::Committed, Self::Published, Self::Delivered, Self::Invoiced];
}

/// The life of an order as far as this process has seen it.
#[derive(Clone, Debug)]
pub struct Life {
    pub order: Uuid,
    /// The trace of its request.
    pub trace: Option<TraceId>,
    /// Why its last delivery failed, until one succeeds.
    pub trouble: Option<String>,
    times: [Option<SystemTime>; Step::ALL.len()],
}

impl Life {
    /// The life of an order of which nothing was seen.
    pub fn unseen(order: Uuid) -> Self {
        Self { order, trace: None, trouble: None, times: Default::default() }
    }

    /// When a step was seen.
    pub fn at(&self, step: Step) -> Option<SystemTime> {
        self.times[step as usize]
    }

    /// Notes a step that was seen elsewhere, unless it was seen here.
    pub fn fill(&mut self, step: Step, at: SystemTime) {
        self.times[step as usize].get_or_insert(at);
    }

    /// The last step that was seen.
    pub fn latest(&self) -> Option<Step> {
        Step::ALL.into_iter().rev().find(|step| self.at(*step).is_some())
    }
}

/// The lives of the latest orders. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    lives: Arc<Mutex<Lives>>,
    news: broadcast::Sender<Uuid>,
}

#[derive(Default)]
struct Lives {
    known: HashMap<Uuid, Life>,
    /// From the oldest to the newest.
    order: VecDeque<Uuid>,
}

impl Default for Journal {
    fn default() -> Self {
        Self { lives: Arc::default(), news: broadcast::Sender::new(NEWS) }
    }
}

impl Journal {
    /// What is known of an order.
    pub fn life(&self, order: Uuid) -> Option<Life> {
        self.lock().known.get(&order).cloned()
    }

    /// The newest orders, the newest first.
    pub fn latest(&self, most: usize) -> Vec<Life> {
        let lives = self.lock();
        lives.order.iter().rev().filter_map(|id| lives.known.get(id)).take(most).cloned().collect()
    }

    /// Tells of each order in whose life something has happened.
    pub fn news(&self) -> broadcast::Receiver<Uuid> {
        self.news.subscribe()
    }

    /// An order was taken: it arrived at `accepted`, and is committed by now.
    pub fn placed(&self, order: Uuid, accepted: SystemTime, trace: Option<TraceId>) {
        self.change(order, |life| {
            life.fill(Step::Accepted, accepted);
            life.fill(Step::Committed, SystemTime::now());
            life.trace = trace;
        });
    }

    /// A step was taken now.
    pub fn reached(&self, order: Uuid, step: Step) {
        self.change(order, |life| {
            life.fill(step, SystemTime::now());
            life.trouble = None;
        });
    }

    /// A delivery failed.
    pub fn failed(&self, order: Uuid, reason: &str) {
        self.change(order, |life| life.trouble = Some(reason.to_owned()));
    }

    fn change(&self, order: Uuid, change: impl FnOnce(&mut Life)) {
        let mut lives = self.lock();
        let Lives { known, order: ids } = &mut *lives;
        change(known.entry(order).or_insert_with(|| {
            ids.push_back(order);
            Life::unseen(order)
        }));
        if ids.len() > ORDERS
            && let Some(oldest) = ids.pop_front()
        {
            known.remove(&oldest);
        }
        drop(lives);
        // Nobody may be watching.
        let _ = self.news.send(order);
    }

    fn lock(&self) -> MutexGuard<'_, Lives> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The order that an event tells of, if it is the one of its making.
pub fn order_of(event_type: &str, body: &[u8]) -> Option<Uuid> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct About {
        order_id: Uuid,
    }
    (event_type == ORDER_CREATED).then(|| serde_json::from_slice::<About>(body).ok())?.map(|it| it.order_id)
}

/// A transport whose deliveries are noted.
pub struct Noted<T> {
    inner: T,
    journal: Journal,
}

impl<T> Noted<T> {
    /// Notes in `journal` what `inner` delivers.
    pub fn new(inner: T, journal: Journal) -> Self {
        Self { inner, journal }
    }
}

impl<T: Transport> Transport for Noted<T> {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        let orders: Vec<Option<Uuid>> = events
            .iter()
            .map(|event| (event.event_type == ORDER_CREATED).then_some(event.order_id))
            .collect();
        let results = self.inner.deliver(events).await;
        for (order, result) in orders.iter().zip(&results) {
            match (order, result) {
                (Some(order), Ok(())) => self.journal.reached(*order, Step::Published),
                (Some(order), Err(error)) => self.journal.failed(*order, &error.to_string()),
                (None, _) => {}
            }
        }
        results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_orders_make_room_for_new_ones() {
        let journal = Journal::default();
        for number in 0..=ORDERS as u128 {
            journal.placed(Uuid::from_u128(number), SystemTime::UNIX_EPOCH, None);
        }
        assert!(journal.life(Uuid::from_u128(0)).is_none());
        assert_eq!(journal.latest(1)[0].order, Uuid::from_u128(ORDERS as u128));
        assert_eq!(journal.lock().known.len(), ORDERS);
    }

    #[test]
    fn a_step_that_comes_again_keeps_its_first_time_and_success_ends_trouble() {
        let journal = Journal::default();
        let order = Uuid::from_u128(1);
        journal.placed(order, SystemTime::UNIX_EPOCH, None);
        journal.failed(order, "no");
        assert_eq!(journal.life(order).unwrap().trouble.as_deref(), Some("no"));
        journal.reached(order, Step::Published);
        let first = journal.life(order).unwrap();
        journal.reached(order, Step::Published);
        let second = journal.life(order).unwrap();
        assert_eq!(first.at(Step::Published), second.at(Step::Published));
        assert_eq!((second.trouble, second.times[4]), (None, None));
    }

    #[test]
    fn only_the_event_of_its_making_tells_of_an_order() {
        let body = br#"{"orderId":"00000000-0000-0000-0000-000000000001","amount":1}"#;
        assert_eq!(order_of(ORDER_CREATED, body), Some(Uuid::from_u128(1)));
        assert_eq!(order_of("order.paid", body), None);
        assert_eq!(order_of(ORDER_CREATED, b"{"), None);
    }
}
