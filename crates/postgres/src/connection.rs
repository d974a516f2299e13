//! One connection: a client, and the statements that are prepared on it.

use std::collections::HashMap;
use std::pin::pin;

use futures::TryStreamExt as _;
use parking_lot::Mutex;
use tokio_postgres::error::{DbError, Severity};
use tokio_postgres::types::{BorrowToSql, ToSql};
use tokio_postgres::{Client, Row, RowStream, Statement};
use tokio_util::sync::CancellationToken;

use crate::error::{Error, is_stale_statement};
use crate::guard::refuse_session_statements;
use crate::in_flight::InFlight;
use crate::row::refuse_unsupported;

/// Statements that are kept prepared. Ours are few; the bound is for a component that builds its texts.
const PREPARED: usize = 256;

/// The largest result, in bytes on the wire: a statement without a limit must not take the host's memory.
const RESULT_LIMIT_BYTES: usize = 64 << 20;

type Prepared = HashMap<Box<str>, Statement, foldhash::fast::RandomState>;

/// One connection, shared by statements that are pipelined on it.
pub(crate) struct Connection {
    client: Client,
    in_flight: InFlight,
    /// Cancelled when the connection must not be used any more, for example after a statement ran out of time.
    discarded: CancellationToken,
    /// Cancelled when the server turns out to take no writes, for all connections that were made before.
    writable: CancellationToken,
    /// By their whole texts, so by a hash that is quick with long keys.
    prepared: Mutex<Prepared>,
}

/// Which types of columns a statement may return.
#[derive(Clone, Copy)]
pub(crate) enum ResultTypes {
    /// Those that the SQL link carries.
    Link,
    /// Any: the caller is Rust code that knows them.
    Any,
}

impl Connection {
    pub(crate) fn new(client: Client, writable: CancellationToken) -> Self {
        Self {
            client,
            writable,
            in_flight: InFlight::default(),
            discarded: CancellationToken::new(),
            prepared: Mutex::default(),
        }
    }

    pub(crate) fn in_flight(&self) -> &InFlight {
        &self.in_flight
    }

    /// Has the connection replaced: nothing that is in flight on it will be answered in time.
    pub(crate) fn discard(&self) {
        self.discarded.cancel();
    }

    /// Is cancelled by [`discard`](Self::discard).
    pub(crate) fn discarded(&self) -> CancellationToken {
        self.discarded.clone()
    }

    /// Ends all connections that were made when this one was: their server takes no writes.
    pub(crate) fn take_for_read_only(&self) {
        self.writable.cancel();
    }

    /// Prepares a statement, if it is not prepared already.
    pub(crate) async fn check(&self, sql: &str) -> Result<(), Error> {
        let _counted = self.in_flight.count_one();
        refuse_unsupported(self.prepare(sql).await?.columns())
    }

    /// Runs one statement.
    pub(crate) async fn run<P, I>(&self, sql: &str, types: ResultTypes, params: I) -> Result<Answer, Error>
    where
        P: BorrowToSql,
        I: ExactSizeIterator<Item = P> + Clone,
    {
        let _counted = self.in_flight.count_one();
        match self.attempt(sql, types, params.clone()).await {
            // The server executed nothing, so the statement is prepared anew and runs for the first time.
            Err(Failure::Stale) => self.attempt(sql, types, params).await.map_err(Failure::into_error),
            done => done.map_err(Failure::into_error),
        }
    }

    pub(crate) async fn attempt<P, I>(
        &self,
        sql: &str,
        types: ResultTypes,
        params: I,
    ) -> Result<Answer, Failure>
    where
        P: BorrowToSql,
        I: ExactSizeIterator<Item = P>,
    {
        let statement = self.prepare(sql).await?;
        let (given, wanted) = (params.len(), statement.params().len());
        if given != wanted {
            let fault = format!("{given} parameters were given, the statement has {wanted}");
            return Err(Error::invalid_parameters(fault).into());
        }
        if let ResultTypes::Link = types {
            refuse_unsupported(statement.columns())?;
        }
        let answer = collect(self.client.query_raw(&statement, params).await).await;
        answer.inspect_err(|failure| match failure {
            Failure::Stale => drop(self.prepared.lock().remove(sql)),
            Failure::Refused(Error::ReadOnly(_)) => self.take_for_read_only(),
            Failure::Refused(_) | Failure::Unanswered(_) => {}
        })
    }

    /// Runs a command that has no parameters and no rows, such as `COMMIT`.
    pub(crate) async fn command(&self, sql: &str) -> Result<Answer, Failure> {
        self.client.batch_execute(sql).await?;
        Ok(Answer::default())
    }

    pub(crate) async fn prepare(&self, sql: &str) -> Result<Statement, Error> {
        let known = self.prepared.lock().get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
        refuse_session_statements(sql)?;
        let statement = self.client.prepare(sql).await?;
        let mut prepared = self.prepared.lock();
        if prepared.len() >= PREPARED {
            prepared.clear();
        }
        prepared.insert(sql.into(), statement.clone());
        Ok(statement)
    }
}

/// Why an attempt failed.
pub(crate) enum Failure {
    /// The prepared statement is out of date; nothing was executed.
    Stale,
    /// The server refused the statement; nothing of it has happened.
    Refused(Error),
    /// The statement was not sent, or its answer did not come or could not be read.
    Unanswered(Error),
}

impl Failure {
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Stale => Error::unavailable("the tables change faster than the statement can be prepared"),
            Self::Refused(error) | Self::Unanswered(error) => error,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Unanswered(error)
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        if is_stale_statement(&error) {
            Self::Stale
        } else if error.as_db_error().is_some_and(ends_the_statement) {
            Self::Refused(error.into())
        } else {
            Self::Unanswered(error.into())
        }
    }
}

/// Whether an error ends the statement only. One that ends the connection says nothing about what took effect.
fn ends_the_statement(error: &DbError) -> bool {
    error.parsed_severity().is_some_and(|severity| severity == Severity::Error)
}

/// The result of a statement.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) rows: Vec<Row>,
    /// How many rows it changed.
    pub(crate) changed: u64,
}

/// Reads all rows, as long as they fit.
async fn collect(stream: Result<RowStream, tokio_postgres::Error>) -> Result<Answer, Failure> {
    let mut stream = pin!(stream?);
    let (mut rows, mut bytes) = (Vec::new(), 0);
    while let Some(row) = stream.try_next().await? {
        bytes += row.raw_size_bytes();
        if bytes > RESULT_LIMIT_BYTES {
            let limit = RESULT_LIMIT_BYTES >> 20;
            return Err(Error::unreadable(format!(
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
