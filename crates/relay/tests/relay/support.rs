//! An outbox to fill, and a transport that answers as the test says.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use waybill_postgres::Database;
use waybill_relay::{
    DeliveryError, Event, Relay, RelayConfig, RelayReport, RelayState, RelayStatus, Transport, Waker,
};
use waybill_telemetry::Service;

pub const SCHEMA: &str = include_str!("../../../../migrations/orders/V1__orders.sql");

/// Anything that should happen at once happens within this time, or the test has failed.
pub const AT_ONCE: Duration = Duration::from_secs(20);

/// Waits, up to [`AT_ONCE`].
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(AT_ONCE, what).await.expect("it takes too long")
}

/// A relay that runs until it is stopped.
pub struct Running {
    pub status: RelayStatus,
    pub waker: Waker,
    pub stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Running {
    pub fn start<T: Transport>(relay: Relay<T>) -> Self {
        let (status, waker, stop) = (relay.status(), relay.waker(), CancellationToken::new());
        Self { status, waker, task: tokio::spawn(relay.run(stop.clone())), stop }
    }

    /// Waits for a report.
    pub async fn until(&self, is_expected: impl FnMut(&RelayReport) -> bool) -> RelayReport {
        soon(self.status.wait_for(is_expected)).await.unwrap()
    }

    pub async fn is(&self, state: RelayState) {
        self.until(|report| report.state == state).await;
    }

    pub async fn backs_off(&self) {
        self.until(|report| matches!(report.state, RelayState::BackingOff { .. })).await;
    }

    pub async fn has_delivered(&self, events: u64) -> RelayReport {
        self.until(|report| report.delivered == events).await
    }

    pub async fn stop(self) {
        self.stop.cancel();
        soon(self.task).await.unwrap();
        assert_eq!(self.status.report().state, RelayState::Stopped);
    }
}

/// Runs a relay until it has delivered one event.
pub async fn delivers_one<T: Transport>(relay: Relay<T>) {
    let running = Running::start(relay);
    running.has_delivered(1).await;
    running.stop().await;
}

/// A database for one test, with the real tables.
pub async fn database() -> Database {
    let config =
        waybill_test_database::database("outbox", async |database| Ok(database.query_batch(SCHEMA).await?));
    Database::connect(config.await.unwrap()).await.unwrap()
}

/// Identifiers that follow each other.
pub fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub fn ids(numbers: impl IntoIterator<Item = u128>) -> Vec<Uuid> {
    numbers.into_iter().map(id).collect()
}

/// Writes events of these identifiers into the outbox.
pub async fn insert(database: &Database, ids: &[Uuid]) {
    const INSERT: &str = r#"
        INSERT INTO outbox (id, event_type, order_id, payload, traceparent, tracestate)
        SELECT id, 'order.created', id, '{ "amount":5000}', $2, 'vendor=1' FROM unnest($1::uuid[]) AS new (id)"#;
    database.rows(INSERT, &[&ids, &TRACE]).await.unwrap();
}

/// The trace of every event that is written here.
pub const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// The identifiers that are in the outbox, parked or not.
pub async fn remaining(database: &Database) -> Vec<Uuid> {
    let rows = database.rows("SELECT id FROM outbox ORDER BY id", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// One number from the outbox's row of this identifier.
pub async fn number(database: &Database, id: Uuid, expression: &str) -> i64 {
    let sql = format!("SELECT ({expression})::bigint FROM outbox WHERE id = $1");
    database.rows(&sql, &[&id]).await.unwrap()[0].get(0)
}

pub fn relay(database: &Database, transport: &Recorder, config: RelayConfig) -> Relay<Recorder> {
    Relay::new(database.clone(), transport.clone(), config, Service::off())
}

pub fn run(database: &Database, transport: &Recorder, config: RelayConfig) -> Running {
    Running::start(relay(database, transport, config))
}

type Answer = dyn Fn(&Event) -> Result<(), DeliveryError> + Send + Sync;

/// Remembers what was delivered, and answers as the test wants. It fails the test when an event is delivered while it
/// is being delivered already.
#[derive(Clone)]
pub struct Recorder(Arc<Inner>);

struct Inner {
    answer: Mutex<Arc<Answer>>,
    confirmed: Mutex<Vec<Event>>,
    in_flight: Mutex<HashSet<Uuid>>,
    /// How many batches have arrived.
    batches: watch::Sender<usize>,
    /// Each batch takes one permit before it is answered, so that a test can hold it.
    gate: Semaphore,
}

impl Recorder {
    /// Confirms everything.
    pub fn new() -> Self {
        let recorder = Self::closed();
        recorder.open();
        recorder
    }

    /// Keeps everything waiting until it is opened.
    pub fn closed() -> Self {
        Self(Arc::new(Inner {
            answer: Mutex::new(Arc::new(|_| Ok(()))),
            confirmed: Mutex::default(),
            in_flight: Mutex::default(),
            batches: watch::Sender::default(),
            gate: Semaphore::new(0),
        }))
    }

    pub fn open(&self) {
        self.0.gate.add_permits(1_000_000);
    }

    /// From now on every event is answered like this.
    pub fn answer(&self, answer: impl Fn(&Event) -> Result<(), DeliveryError> + Send + Sync + 'static) {
        *self.0.answer.lock().unwrap() = Arc::new(answer);
    }

    /// Waits until this many batches have arrived.
    pub async fn arrived(&self, batches: usize) {
        let mut arrived = self.0.batches.subscribe();
        soon(arrived.wait_for(|number| *number >= batches)).await.unwrap();
    }

    pub fn confirmed(&self) -> Vec<Event> {
        self.0.confirmed.lock().unwrap().clone()
    }

    pub fn confirmed_ids(&self) -> Vec<Uuid> {
        self.confirmed().iter().map(|event| event.id).collect()
    }
}

/// Takes its events off the list of those in flight, also when the delivery is dropped in the middle.
struct InFlight<'a>(&'a Inner, Vec<Uuid>);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        let mut in_flight = self.0.in_flight.lock().unwrap();
        self.1.iter().for_each(|id| assert!(in_flight.remove(id)));
    }
}

impl Transport for Recorder {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        for id in &ids {
            assert!(self.0.in_flight.lock().unwrap().insert(*id), "{id} is delivered twice at the same time");
        }
        let _in_flight = InFlight(&self.0, ids);
        self.0.batches.send_modify(|batches| *batches += 1);
        self.0.gate.acquire().await.unwrap().forget();
        let answer = Arc::clone(&self.0.answer.lock().unwrap());
        events
            .into_iter()
            .map(|event| {
                let result = answer(&event);
                if result.is_ok() {
                    self.0.confirmed.lock().unwrap().push(event);
                }
                result
            })
            .collect()
    }
}
