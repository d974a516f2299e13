//! One connection: a client, and the statements that are prepared on it.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::TryStreamExt as _;
use tokio_postgres::{
    Client, Row, RowStream, Statement,
    types::{BorrowToSql, ToSql},
};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{is_stale_statement, query_error, unavailable},
    guard::refuse_session_statements,
    value::QueryError,
};

/// Statements that are kept prepared. Ours are few; the bound is for a component that builds its texts.
const PREPARED: usize = 256;

/// The largest result, in bytes on the wire: a statement without a limit must not take the host's memory.
const RESULT_LIMIT_BYTES: usize = 64 << 20;

/// One connection, shared by statements that are pipelined on it.
pub(crate) struct Connection {
    pub(crate) client: Client,
    pub(crate) in_flight: AtomicUsize,
    /// Cancelled when the connection must not be used any more, for example after a statement ran out of time.
    pub(crate) discard: CancellationToken,
    prepared: Mutex<HashMap<Box<str>, Statement>>,
}

impl Connection {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            in_flight: AtomicUsize::new(0),
            discard: CancellationToken::new(),
            prepared: Mutex::default(),
        }
    }

    /// Prepares a statement, if it is not prepared already.
    pub(crate) async fn check(&self, sql: &str) -> Result<(), QueryError> {
        let _counted = Counted::new(&self.in_flight);
        self.prepare(sql).await.map(drop)
    }

    /// Runs one statement.
    pub(crate) async fn run<P, I>(&self, sql: &str, params: I) -> Result<Answer, QueryError>
    where
        P: BorrowToSql,
        I: ExactSizeIterator<Item = P> + Clone,
    {
        let _counted = Counted::new(&self.in_flight);
        match self.attempt(sql, params.clone()).await {
            // It was not executed, so this is no second attempt at anything: the statement is prepared anew and run.
            Err(Failure::Stale) => self.attempt(sql, params).await.map_err(Failure::told),
            done => done.map_err(Failure::told),
        }
    }

    async fn attempt<P, I>(&self, sql: &str, params: I) -> Result<Answer, Failure>
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

    async fn prepare(&self, sql: &str) -> Result<Statement, QueryError> {
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

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Box<str>, Statement>> {
        self.prepared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why an attempt failed.
enum Failure {
    /// The prepared statement is out of date; nothing was executed.
    Stale,
    Told(QueryError),
}

impl Failure {
    fn told(self) -> QueryError {
        match self {
            Self::Stale => unavailable("the tables change faster than the statement can be prepared"),
            Self::Told(error) => error,
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
        if is_stale_statement(&error) { Self::Stale } else { Self::Told(query_error(&error)) }
    }
}

/// What a statement came to.
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

/// Counts a statement for as long as it is in flight, also when its caller goes away.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
