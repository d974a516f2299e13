//! One connection: a client, and the statements that are prepared on it.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures::TryStreamExt as _;
use tokio_postgres::{
    Client, Row, Statement,
    types::{BorrowToSql, ToSql},
};
use tokio_util::sync::CancellationToken;

use crate::{
    error::{is_stale_statement, query_error},
    value::QueryError,
};

/// Statements that are kept prepared. Ours are few; the bound is for a component that builds its texts.
const PREPARED: usize = 256;

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

    /// Runs one statement and returns its rows.
    pub(crate) async fn rows<P, I>(&self, sql: &str, params: I) -> Result<Vec<Row>, QueryError>
    where
        P: BorrowToSql,
        I: IntoIterator<Item = P>,
        I::IntoIter: ExactSizeIterator,
    {
        let _counted = Counted::new(&self.in_flight);
        let statement = self.prepare(sql).await?;
        let params = params.into_iter();
        let (given, wanted) = (params.len(), statement.params().len());
        if given != wanted {
            return Err(QueryError::InvalidParams(format!(
                "{given} parameters were given, the statement has {wanted}"
            )));
        }
        let rows = async { self.client.query_raw(&statement, params).await?.try_collect().await };
        rows.await.map_err(|error: tokio_postgres::Error| {
            if is_stale_statement(&error) {
                self.lock().remove(sql);
            }
            query_error(&error)
        })
    }

    async fn prepare(&self, sql: &str) -> Result<Statement, QueryError> {
        let known = self.lock().get(sql).cloned();
        if let Some(statement) = known {
            return Ok(statement);
        }
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

/// Parameters of our own Rust code.
pub(crate) fn borrowed<'a>(
    params: &'a [&'a (dyn ToSql + Sync)],
) -> impl ExactSizeIterator<Item = &'a (dyn ToSql + Sync)> {
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
