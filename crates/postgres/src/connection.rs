//! One connection: a client, and the statements that are prepared on it.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures::TryStreamExt as _;
use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::types::{BorrowToSql, ToSql};
use tokio_postgres::{Client, Row, RowStream, Statement};
use tokio_util::sync::CancellationToken;

use crate::error::{is_stale_statement, query_error, unavailable};
use crate::guard::refuse_session_statements;
use crate::value::QueryError;

/// Statements that are kept prepared. Ours are few; the bound is for a component that builds its texts.
const PREPARED: usize = 256;

/// The largest result, in bytes on the wire: a statement without a limit must not take the host's memory.
const RESULT_LIMIT_BYTES: usize = 64 << 20;

/// Statements on one connection that are company for each other; more of them would wait.
const CROWD: usize = 32;

/// After so long without an answer the statement in front is a long one, and none should queue behind it.
const STANDSTILL_US: u64 = 2_000;

type Prepared = HashMap<Box<str>, Statement, foldhash::fast::RandomState>;

/// One connection, shared by statements that are pipelined on it.
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) in_flight: InFlight,
    /// Cancelled when the connection must not be used any more, for example after a statement ran out of time.
    pub(crate) discard: CancellationToken,
    /// By their whole texts, so by a hash that is quick with long keys.
    prepared: Mutex<Prepared>,
}

impl Connection {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            in_flight: InFlight::default(),
            discard: CancellationToken::new(),
            prepared: Mutex::default(),
        }
    }

    /// Prepares a statement, if it is not prepared already.
    pub(crate) async fn check(&self, sql: &str) -> Result<(), QueryError> {
        let _counted = self.in_flight.count_one();
        self.prepare(sql).await.map(drop)
    }

    /// Runs one statement.
    pub(crate) async fn run<P, I>(&self, sql: &str, params: I) -> Result<Answer, QueryError>
    where
        P: BorrowToSql,
        I: ExactSizeIterator<Item = P> + Clone,
    {
        let _counted = self.in_flight.count_one();
        match self.attempt(sql, params.clone()).await {
            // It was not executed, so this is no second attempt at anything: the statement is prepared anew and run.
            Err(Failure::Stale) => self.attempt(sql, params).await.map_err(Failure::told),
            done => done.map_err(Failure::told),
        }
    }

    pub(crate) async fn attempt<P, I>(&self, sql: &str, params: I) -> Result<Answer, Failure>
    where
        P: BorrowToSql,
        I: ExactSizeIterator<Item = P>,
    {
        let statement = self.prepare(sql).await?;
        let (given, wanted) = (params.len(), statement.params().len());
        if given != wanted {
            let fault = format!("{given} parameters were given, the statement has {wanted}");
            return Err(QueryError::InvalidParams(fault).into());
        }
        let answer = collect(self.client.query_raw(&statement, params).await).await;
        answer.map_err(|failure| {
            if matches!(failure, Failure::Stale) {
                self.lock().remove(sql);
            }
            failure
        })
    }

    pub(crate) async fn prepare(&self, sql: &str) -> Result<Statement, QueryError> {
        let known = self.lock().get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        refuse_session_statements(sql)?;
        let statement = self.client.prepare(sql).await.map_err(|error| query_error(&error))?;
        let mut prepared = self.lock();
        if prepared.len() >= PREPARED {
            prepared.clear();
        }
        prepared.insert(sql.into(), statement.clone());
        Ok(statement)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Prepared> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why an attempt failed.
pub(crate) enum Failure {
    /// The prepared statement is out of date; nothing was executed.
    Stale,
    /// The server has refused it; nothing of it has happened.
    Refused(QueryError),
    /// It was not sent, or its answer did not come, or was not taken.
    Told(QueryError),
}

impl Failure {
    pub(crate) fn told(self) -> QueryError {
        match self {
            Self::Stale => unavailable("the tables change faster than the statement can be prepared"),
            Self::Refused(error) | Self::Told(error) => error,
        }
    }
}

impl From<QueryError> for Failure {
    fn from(error: QueryError) -> Self {
        Self::Told(error)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        if is_stale_statement(&error) {
            Self::Stale
        } else if error.as_db_error().is_some_and(is_of_the_statement) {
            Self::Refused(query_error(&error))
        } else {
            Self::Told(query_error(&error))
        }
    }
}

/// Whether an error is the end of the statement, and not of the connection, which would say nothing about what took effect.
fn is_of_the_statement(error: &DbError) -> bool {
    error.parsed_severity().is_some_and(|severity| severity == Severity::Error)
}

/// What a statement came to.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Row>,
    /// How many rows it changed.
    pub(crate) changed: u64,
}

/// Takes all rows, as long as they fit.
async fn collect(stream: Result<RowStream, tokio_postgres::Error>) -> Result<Answer, Failure> {
    let mut stream = pin!(stream?);
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = stream.try_next().await? {
        bytes += row.raw_size_bytes();
        if bytes > RESULT_LIMIT_BYTES {
            let limit = RESULT_LIMIT_BYTES >> 20;
            return Err(QueryError::Unexpected(format!(
                "the result has more than {limit} MiB; ask for fewer rows"
            ))
            .into());
        }
        rows.push(row);
    }
    Ok(Answer { rows, changed: stream.rows_affected().unwrap_or(0) })
}

/// Parameters of our own Rust code.
pub(crate) fn borrowed<'a>(
    params: &'a [&'a (dyn ToSql + Sync)],
) -> impl ExactSizeIterator<Item = &'a (dyn ToSql + Sync)> + Clone {
    params.iter().copied()
}

/// The statements that are in flight on a connection.
pub(crate) struct InFlight {
    count: AtomicUsize,
    /// When one of them was answered, or the first one sent; in microseconds since `since`.
    moved_us: AtomicU64,
    since: Instant,
}

impl Default for InFlight {
    fn default() -> Self {
        Self { count: AtomicUsize::new(0), moved_us: AtomicU64::new(0), since: Instant::now() }
    }
}

impl InFlight {
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether one more would be answered soon: there are not too many, and what is in front does not take long.
    pub(crate) fn is_flowing(&self) -> bool {
        let count = self.count();
        count == 0
            || count < CROWD
                && self.now_us().saturating_sub(self.moved_us.load(Ordering::Relaxed)) < STANDSTILL_US
    }

    /// Counts a statement for as long as what it returns lives, also when its caller goes away.
    pub(crate) fn count_one(&self) -> Counted<'_> {
        if self.count.fetch_add(1, Ordering::Relaxed) == 0 {
            self.moved_us.store(self.now_us(), Ordering::Relaxed);
        }
        Counted(self)
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A statement in flight.
pub(crate) struct Counted<'a>(&'a InFlight);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
        self.0.moved_us.store(self.0.now_us(), Ordering::Relaxed);
    }
}
