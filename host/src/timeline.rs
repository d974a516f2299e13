//! Order timelines for the console: when this process saw each step of the latest orders.
//!
//! They are kept in memory and bounded. The databases have what must be durable.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use serde::Deserialize;
use tokio::sync::broadcast;
use uuid::Uuid;
use waybill_contracts::ORDER_CREATED;
use waybill_relay::{DeliveryError, Event, Transport};
use waybill_telemetry::TraceId;

/// Timelines that are kept, about 200 bytes each. A new order replaces the oldest.
const ORDERS: usize = 10_000;

/// How many changes a slow watcher may be behind before it misses the oldest.
const CHANGES: usize = 256;

/// The steps of an order, from first to last.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Its request arrived.
    Accepted,
    /// It and its event are committed.
    Committed,
    /// The transport has confirmed its event.
    Published,
    /// The invoices component has got its event.
    Delivered,
    /// Its invoice is committed.
    Invoiced,
}

impl Step {
    pub const ALL: [Self; 5] =
        [Self::Accepted, Self::Committed, Self::Published, Self::Delivered, Self::Invoiced];
}

/// A failed delivery.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Trouble {
    pub reason: String,
    /// The event is parked or a dead letter by now: no further attempt is made until an operator retries it.
    pub is_final: bool,
}

/// The steps of one order, as far as this process has seen them.
#[derive(Clone, Debug)]
pub struct Timeline {
    pub order: Uuid,
    /// The trace of its request.
    pub trace: Option<TraceId>,
    /// The last delivery, if it failed.
    pub trouble: Option<Trouble>,
    times: [Option<SystemTime>; Step::ALL.len()],
}

impl Timeline {
    pub fn unseen(order: Uuid) -> Self {
        Self { order, trace: None, trouble: None, times: Default::default() }
    }

    /// When a step was seen.
    pub fn at(&self, step: Step) -> Option<SystemTime> {
        self.times[step as usize]
    }

    /// Sets the time of a step that has none.
    pub fn fill(&mut self, step: Step, at: SystemTime) {
        self.times[step as usize].get_or_insert(at);
    }

    /// The last step that was seen.
    pub fn latest(&self) -> Option<Step> {
        Step::ALL.into_iter().rev().find(|step| self.at(*step).is_some())
    }
}

/// The timelines of the latest orders. Cheap to clone.
#[derive(Clone)]
pub struct Timelines {
    kept: Arc<Mutex<Kept>>,
    changes: broadcast::Sender<Uuid>,
}

#[derive(Default)]
struct Kept {
    by_order: HashMap<Uuid, Timeline>,
    /// From the oldest to the newest.
    orders: VecDeque<Uuid>,
}

impl Default for Timelines {
    fn default() -> Self {
        Self { kept: Arc::default(), changes: broadcast::Sender::new(CHANGES) }
    }
}

impl Timelines {
    pub fn of(&self, order: Uuid) -> Option<Timeline> {
        self.kept.lock().by_order.get(&order).cloned()
    }

    /// The newest orders, the newest first.
    pub fn latest(&self, most: usize) -> Vec<Timeline> {
        let kept = self.kept.lock();
        kept.orders.iter().rev().filter_map(|id| kept.by_order.get(id)).take(most).cloned().collect()
    }

    /// Receives each order whose timeline changes.
    pub fn changes(&self) -> broadcast::Receiver<Uuid> {
        self.changes.subscribe()
    }

    /// Records an order whose request arrived at `accepted` and which is committed by now.
    pub fn placed(&self, order: Uuid, accepted: SystemTime, trace: Option<TraceId>) {
        self.change(order, |timeline| {
            timeline.fill(Step::Accepted, accepted);
            timeline.fill(Step::Committed, SystemTime::now());
            timeline.trace = trace;
        });
    }

    /// Records a step that was reached now.
    pub fn reached(&self, order: Uuid, step: Step) {
        self.reached_at(order, step, SystemTime::now());
    }

    /// Records a step that was reached earlier.
    pub fn reached_at(&self, order: Uuid, step: Step, at: SystemTime) {
        self.change(order, |timeline| {
            timeline.fill(step, at);
            timeline.trouble = None;
        });
    }

    /// Records a failed delivery. `is_last` says that no further attempt follows it; none ever follows a rejection.
    pub fn failed(&self, order: Uuid, error: &DeliveryError, is_last: bool) {
        let is_final = match error {
            DeliveryError::Rejected(_) => true,
            DeliveryError::Failed(_) => is_last,
            DeliveryError::Unavailable(_) => false,
        };
        let trouble = Trouble { reason: error.to_string(), is_final };
        self.change(order, |timeline| timeline.trouble = Some(trouble));
    }

    fn change(&self, order: Uuid, change: impl FnOnce(&mut Timeline)) {
        let mut kept = self.kept.lock();
        let Kept { by_order, orders } = &mut *kept;
        change(by_order.entry(order).or_insert_with(|| {
            orders.push_back(order);
            Timeline::unseen(order)
        }));
        if orders.len() > ORDERS
            && let Some(oldest) = orders.pop_front()
        {
            by_order.remove(&oldest);
        }
        drop(kept);
        // There may be no watcher.
        let _ = self.changes.send(order);
    }
}

/// The order of an `order.created` event; `None` for other events.
pub fn order_of(event_type: &str, body: &[u8]) -> Option<Uuid> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct About {
        order_id: Uuid,
    }
    (event_type == ORDER_CREATED).then(|| serde_json::from_slice::<About>(body).ok())?.map(|it| it.order_id)
}

/// A transport whose deliveries are recorded in the order timelines.
pub struct Recorded<T> {
    inner: T,
    timelines: Timelines,
    /// After how many failures the relay parks an event.
    attempts_most: i32,
}

impl<T> Recorded<T> {
    pub fn new(inner: T, timelines: Timelines, attempts_most: i32) -> Self {
        Self { inner, timelines, attempts_most }
    }
}

impl<T: Transport> Transport for Recorded<T> {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        let orders: Vec<Option<(Uuid, bool)>> = events
            .iter()
            .map(|event| {
                let is_last = event.attempts.saturating_add(1) >= self.attempts_most;
                (event.event_type == ORDER_CREATED).then_some((event.order_id, is_last))
            })
            .collect();
        let results = self.inner.deliver(events).await;
        for (order, result) in orders.iter().zip(&results) {
            match (order, result) {
                (Some((order, _)), Ok(())) => self.timelines.reached(*order, Step::Published),
                (Some((order, is_last)), Err(error)) => self.timelines.failed(*order, error, *is_last),
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
        let timelines = Timelines::default();
        for number in 0..=ORDERS as u128 {
            timelines.placed(Uuid::from_u128(number), SystemTime::UNIX_EPOCH, None);
        }
        assert!(timelines.of(Uuid::from_u128(0)).is_none());
        assert_eq!(timelines.latest(1)[0].order, Uuid::from_u128(ORDERS as u128));
        assert_eq!(timelines.kept.lock().by_order.len(), ORDERS);
    }

    #[test]
    fn a_step_that_comes_again_keeps_its_first_time_and_success_ends_trouble() {
        let timelines = Timelines::default();
        let order = Uuid::from_u128(1);
        timelines.placed(order, SystemTime::UNIX_EPOCH, None);
        let failed = DeliveryError::Failed("no".to_owned());
        timelines.failed(order, &failed, false);
        let trouble = timelines.of(order).unwrap().trouble;
        assert_eq!(trouble, Some(Trouble { reason: "no".to_owned(), is_final: false }));
        timelines.reached(order, Step::Published);
        let first = timelines.of(order).unwrap();
        timelines.reached(order, Step::Published);
        let second = timelines.of(order).unwrap();
        assert_eq!(first.at(Step::Published), second.at(Step::Published));
        assert_eq!((second.trouble, second.times[4]), (None, None));
    }

    #[test]
    fn no_attempt_follows_a_rejection_or_the_last_one() {
        let timelines = Timelines::default();
        let order = Uuid::from_u128(1);
        let is_final = |error: &DeliveryError, is_last| {
            timelines.failed(order, error, is_last);
            timelines.of(order).unwrap().trouble.unwrap().is_final
        };
        let (rejected, failed, unavailable) = (
            DeliveryError::Rejected("no".to_owned()),
            DeliveryError::Failed("no".to_owned()),
            DeliveryError::Unavailable("no".to_owned()),
        );
        assert!(is_final(&rejected, false));
        assert!(is_final(&failed, true) && !is_final(&failed, false));
        assert!(!is_final(&unavailable, true), "the event is not at fault, and no attempt is counted");
    }

    #[test]
    fn only_order_created_names_a_new_order() {
        let body = br#"{"orderId":"00000000-0000-0000-0000-000000000001","amount":1}"#;
        assert_eq!(order_of(ORDER_CREATED, body), Some(Uuid::from_u128(1)));
        assert_eq!(order_of("order.paid", body), None);
        assert_eq!(order_of(ORDER_CREATED, b"{"), None);
    }
}
