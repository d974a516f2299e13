//! The table `outbox`, one function per statement.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use tokio_postgres::Row;
use uuid::Uuid;
use waybill_postgres::Database;
use waybill_statement_macro::bound;
use waybill_trace_context::TraceContext;

use crate::config::LONGEST_DELAY;
use crate::error::Cause;
use crate::{Event, RelayError};

bound!(ReadDue, "sql/read_due.sql");
bound!(ReadAhead, "sql/read_ahead.sql");
bound!(PostponeFailed, "sql/postpone_failed.sql");
const DELETE_DELIVERED: &str = include_str!("sql/delete_delivered.sql");
const READ_NEXT_DUE: &str = include_str!("sql/read_next_due.sql");
const READ_DEPTH: &str = include_str!("sql/read_depth.sql");
const LIST_PARKED: &str = include_str!("sql/list_parked.sql");
const RETRY_PARKED: &str = include_str!("sql/retry_parked.sql");
const READ_BOUNDED_DEPTH: &str = include_str!("sql/read_bounded_depth.sql");

/// The most events that are counted.
const COUNTED_EVENTS: i64 = 100_000;

/// The most bytes of payloads in a batch of several events. Three batches may be in memory at once, and a result of more than 64 MiB
/// is refused.
const BATCH_BYTES: i64 = 8 << 20;

/// The most parked events that a list has.
const LISTED_EVENTS: i64 = 100;

/// What is in the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboxDepth {
    /// Events that are still to be delivered.
    pub pending: u64,
    /// Parked events, which an operator has to look at.
    pub parked: u64,
    /// The age of the oldest pending event: by the database's clock, or the time for which this process has seen it, whichever is
    /// longer, since the clock may be set back.
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

/// A failed attempt to deliver an event.
#[derive(Debug)]
pub(crate) struct Failure {
    pub id: Uuid,
    pub error: String,
    pub delay: Duration,
    /// How often it may fail before it is parked.
    pub attempts_most: i32,
}

/// Events that are delivered together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub events: Vec<Event>,
    /// More may be due behind them: the batch has as many rows or bytes as it may have.
    pub is_full: bool,
}

#[derive(Clone)]
pub(crate) struct Outbox {
    database: Database,
    /// The first pending event, and when this process saw it first.
    first_seen: Arc<Mutex<Option<(Uuid, Instant)>>>,
}

impl Outbox {
    pub(crate) fn new(database: Database) -> Self {
        Self { database, first_seen: Arc::default() }
    }

    /// The next events that are due.
    pub(crate) async fn read_due(&self, most: u32) -> Result<Batch, RelayError> {
        let due = ReadDue { most: most.into(), bytes_most: BATCH_BYTES, longest_ms: longest_delay_ms() };
        let rows = self.database.rows(ReadDue::TEXT, &due.values()).await;
        batch(&rows.map_err(outbox)?, most)
    }

    /// The next events that are due, without those in flight.
    pub(crate) async fn read_ahead(&self, most: u32, in_flight: &[Uuid]) -> Result<Batch, RelayError> {
        let ahead = ReadAhead {
            most: most.into(),
            bytes_most: BATCH_BYTES,
            longest_ms: longest_delay_ms(),
            in_flight,
        };
        let rows = self.database.rows(ReadAhead::TEXT, &ahead.values()).await;
        batch(&rows.map_err(outbox)?, most)
    }

    pub(crate) async fn delete_delivered(&self, delivered: &[Uuid]) -> Result<(), RelayError> {
        self.database.rows(DELETE_DELIVERED, &[&delivered]).await.map_err(outbox)?;
        Ok(())
    }

    /// Counts the failures, and returns the events that are parked because of one.
    pub(crate) async fn postpone_failed(&self, failed: &[Failure]) -> Result<Vec<Uuid>, RelayError> {
        let ids: Vec<Uuid> = failed.iter().map(|failure| failure.id).collect();
        let errors: Vec<&str> = failed.iter().map(|failure| failure.error.as_str()).collect();
        let delays_ms: Vec<i64> = failed
            .iter()
            .map(|failure| i64::try_from(failure.delay.as_millis()).unwrap_or(i64::MAX))
            .collect();
        let attempts_most: Vec<i32> = failed.iter().map(|failure| failure.attempts_most).collect();
        let postpone = PostponeFailed {
            ids: &ids,
            errors: &errors,
            delays_ms: &delays_ms,
            attempts_most: &attempts_most,
        };
        let rows = self.database.rows(PostponeFailed::TEXT, &postpone.values()).await;
        let rows = rows.map_err(outbox)?;
        rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>().map_err(outbox)
    }

    /// The time until the next event is due; `None` if none is pending.
    pub(crate) async fn read_next_due(&self) -> Result<Option<Duration>, RelayError> {
        let rows = self.database.rows(READ_NEXT_DUE, &[&longest_delay_ms()]).await.map_err(outbox)?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let wait_ms: Option<i64> = row.try_get(0).map_err(outbox)?;
        Ok(wait_ms.map(|wait_ms| Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0))))
    }

    pub(crate) async fn read_depth(&self) -> Result<OutboxDepth, RelayError> {
        self.depth(&self.database.rows(READ_DEPTH, &[]).await.map_err(outbox)?)
    }

    pub(crate) async fn read_bounded_depth(&self) -> Result<OutboxDepth, RelayError> {
        self.depth(&self.database.rows(READ_BOUNDED_DEPTH, &[&COUNTED_EVENTS]).await.map_err(outbox)?)
    }

    pub(crate) async fn list_parked(&self) -> Result<Vec<Parked>, RelayError> {
        let rows = self.database.rows(LIST_PARKED, &[&LISTED_EVENTS]).await.map_err(outbox)?;
        rows.iter().map(parked).collect::<Result<_, _>>().map_err(outbox)
    }

    pub(crate) async fn retry_parked(&self, reason: &str) -> Result<u64, RelayError> {
        let rows = self.database.rows(RETRY_PARKED, &[&reason]).await.map_err(outbox)?;
        let row = rows.first().ok_or_else(|| outbox("no row came back"))?;
        let count: i64 = row.try_get(0).map_err(outbox)?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn depth(&self, rows: &[Row]) -> Result<OutboxDepth, RelayError> {
        let row = rows.first().ok_or_else(|| outbox("no row came back"))?;
        let count = |column| row.try_get::<_, i64>(column).map(|count| u64::try_from(count).unwrap_or(0));
        let age_ms: Option<i64> = row.try_get(2).map_err(outbox)?;
        let first: Option<Uuid> = row.try_get(3).map_err(outbox)?;
        let age = age_ms.map(|age_ms| Duration::from_millis(u64::try_from(age_ms).unwrap_or(0)));
        let seen_for = self.track_first(first, Instant::now());
        Ok(OutboxDepth {
            pending: count(0).map_err(outbox)?,
            parked: count(1).map_err(outbox)?,
            oldest_age: age.map(|age| age.max(seen_for)),
        })
    }

    /// For how long this process has seen `first` as the first pending event.
    fn track_first(&self, first: Option<Uuid>, now: Instant) -> Duration {
        let mut seen = self.first_seen.lock();
        match (&*seen, first) {
            (Some((known, since)), Some(first)) if *known == first => now.saturating_duration_since(*since),
            (_, first) => {
                *seen = first.map(|first| (first, now));
                Duration::ZERO
            }
        }
    }
}

fn longest_delay_ms() -> i64 {
    i64::try_from(LONGEST_DELAY.as_millis()).unwrap_or(i64::MAX)
}

fn parked(row: &Row) -> Result<Parked, tokio_postgres::Error> {
    let at_unix_us: i64 = row.try_get(4)?;
    Ok(Parked {
        event_type: row.try_get(0)?,
        order_id: row.try_get(1)?,
        attempts: row.try_get(2)?,
        reason: row.try_get(3)?,
        parked_at: SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(at_unix_us).unwrap_or(0)),
    })
}

fn batch(rows: &[Row], most: u32) -> Result<Batch, RelayError> {
    let events: Vec<Event> = rows.iter().map(event).collect::<Result<_, _>>().map_err(outbox)?;
    let more_due = rows.last().map_or(Ok(false), |row| row.try_get(8)).map_err(outbox)?;
    Ok(Batch { is_full: more_due || events.len() >= most as usize, events })
}

fn event(row: &Row) -> Result<Event, tokio_postgres::Error> {
    let traceparent: Option<String> = row.try_get(4)?;
    let tracestate: Option<String> = row.try_get(5)?;
    Ok(Event {
        id: row.try_get(0)?,
        event_type: row.try_get(1)?,
        order_id: row.try_get(2)?,
        payload: row.try_get::<_, String>(3)?.into_bytes(),
        trace: traceparent.and_then(|parent| TraceContext::new(&parent, tracestate.as_deref())),
        created_at_unix_us: row.try_get(6)?,
        attempts: row.try_get(7)?,
    })
}

fn outbox(error: impl Into<Cause>) -> RelayError {
    RelayError::Outbox(error.into())
}
