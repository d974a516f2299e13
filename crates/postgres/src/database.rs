//! The database as its users see it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, TryAcquireError};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_postgres::types::{BorrowToSql, ToSql};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::connection::{Answer, Connection, borrowed};
use crate::connector::{Driver, connect};
use crate::error::{query_error, unavailable};
use crate::joined::{self, Joiner, Joining, Outcome};
use crate::slot::{self, Slot};
use crate::value::bind::Parameter;
use crate::value::{PgValue, QueryError, ResultRow, ResultRowEntry};
use crate::{ConnectError, ServerConfig, Session};

/// One row of a result, its columns in the statement's order.
pub type Row = ResultRow;

/// The time that statements in hand get to end.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// What a database is used for at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseLoad {
    /// Connections that there are.
    pub connections: usize,
    /// Connections that were ever opened.
    pub opened: u64,
    /// Statements that were begun and have not ended.
    pub statements: usize,
}

/// A PostgreSQL database. Cheap to clone; all clones share its connections.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
    /// The last of the handles ends the connections, also when nobody closed the database.
    _alive: Arc<DropGuard>,
}

pub(crate) struct Inner {
    pub(crate) config: ServerConfig,
    /// The last of them are for statements that share a transaction.
    pub(crate) slots: Vec<Slot>,
    pub(crate) joiner: Joiner,
    pub(crate) stop: CancellationToken,
    /// What keeps the connections.
    keepers: TaskTracker,
    pub(crate) statement_limit: Duration,
    in_flight: Semaphore,
    statements_in_flight: u32,
    pub(crate) opened: AtomicU64,
    /// Why the last connection was lost or could not be made.
    reason: Mutex<String>,
}

impl Database {
    /// Connects to a server. The first connection must succeed; afterwards it is re-made for ever.
    pub async fn connect(config: ServerConfig) -> Result<Self, ConnectError> {
        let first = connect(&config, Some(config.statement_limit)).await?;
        Ok(Self::start(config, Some(first)))
    }

    /// Connects to a server in the background: it comes up when the server does.
    pub fn connect_lazily(config: ServerConfig) -> Self {
        Self::start(config, None)
    }

    fn start(config: ServerConfig, mut first: Option<(tokio_postgres::Client, Driver)>) -> Self {
        let inner = Arc::new(Inner {
            slots: (0..config.connections.max(1)).map(|_| Slot::default()).collect(),
            joiner: Joiner::default(),
            stop: CancellationToken::new(),
            keepers: TaskTracker::new(),
            statement_limit: config.statement_limit,
            in_flight: Semaphore::new(config.statements_in_flight),
            statements_in_flight: u32::try_from(config.statements_in_flight).unwrap_or(u32::MAX),
            opened: AtomicU64::new(0),
            reason: Mutex::default(),
            config,
        });
        for index in 0..inner.slots.len() {
            let ready = first.take().map(|connected| slot::offer(&inner, index, connected));
            inner.keepers.spawn(slot::keep(inner.clone(), index, ready));
        }
        for index in inner.single_slots().len()..inner.slots.len() {
            tokio::spawn(joined::serve(inner.clone(), index));
        }
        let alive = Arc::new(inner.stop.clone().drop_guard());
        Self { inner, _alive: alive }
    }

    /// Runs one statement with its parameters and returns its rows.
    pub async fn query(&self, sql: &str, params: &[PgValue]) -> Result<Vec<Row>, QueryError> {
        let answer = if let Some(joining) = Joining::of(sql) {
            self.run_joinable(joining, sql, params).await
        } else {
            let share = if is_read(sql) { Share::Company } else { Share::Least };
            self.run_on(share, sql, numbered(params).iter()).await
        };
        answer?.rows.iter().map(read_row).collect()
    }

    /// Runs one statement with its parameters for its effect, and returns the number of rows that it changed.
    pub async fn execute(&self, sql: &str, params: &[PgValue]) -> Result<u64, QueryError> {
        let params = numbered(params);
        Ok(self.run(sql, params.iter()).await?.changed)
    }

    /// Has the server look at one statement without running it. What it prepares is kept for the connection.
    pub async fn check(&self, sql: &str) -> Result<(), QueryError> {
        let deadline = Instant::now() + self.inner.statement_limit;
        let _permit = self.permit()?;
        let connection = self.connection(Share::Least)?;
        match timeout_at(deadline, connection.check(sql)).await {
            Ok(checked) => checked,
            Err(_) => Err(self.out_of_time(&connection)),
        }
    }

    /// Runs one statement for Rust code that knows its types.
    pub async fn rows(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<tokio_postgres::Row>, QueryError> {
        Ok(self.run(sql, borrowed(params)).await?.rows)
    }

    /// Runs several statements, separated by semicolons and without parameters, for their effect.
    ///
    /// They get a connection of their own, since `BEGIN` may be among them, so it is for setting up, not for every request.
    pub async fn query_batch(&self, sql: &str) -> Result<(), QueryError> {
        let _permit = self.permit()?;
        let run = async {
            let session = self.session().await.map_err(|error| unavailable(&error.to_string()))?;
            session.batch_execute(sql).await.map_err(|error| query_error(&error))
        };
        timeout(self.inner.statement_limit, run).await.unwrap_or_else(|_| Err(self.too_late()))
    }

    async fn run<P, I>(&self, sql: &str, params: I) -> Result<Answer, QueryError>
    where
        P: BorrowToSql,
        I: ExactSizeIterator<Item = P> + Clone,
    {
        self.run_on(Share::Least, sql, params).await
    }

    async fn run_on<P, I>(&self, share: Share, sql: &str, params: I) -> Result<Answer, QueryError>
    where
        P: BorrowToSql,
        I: ExactSizeIterator<Item = P> + Clone,
    {
        let deadline = Instant::now() + self.inner.statement_limit;
        let _permit = self.permit()?;
        let connection = self.connection(share)?;
        match timeout_at(deadline, connection.run(sql, params)).await {
            Ok(answer) => answer,
            Err(_) => Err(self.out_of_time(&connection)),
        }
    }

    /// Runs a statement that may share a transaction.
    async fn run_joinable(
        &self,
        joining: Joining,
        sql: &str,
        params: &[PgValue],
    ) -> Result<Answer, QueryError> {
        let alone = self.inner.joiner.alone(joining);
        if alone.is_some() || !self.inner.is_joining() {
            return self.run(sql, numbered(params).iter()).await;
        }
        let permit = self.permit()?;
        let outcome = self.inner.joiner.join(joining, sql, params);
        match timeout(self.inner.statement_limit, outcome).await {
            Ok(Ok(Outcome::Done(answer))) => answer,
            Ok(Ok(Outcome::Void)) => {
                drop(permit);
                self.run(sql, numbered(params).iter()).await
            }
            Ok(Err(_)) => Err(unavailable("it is closed")),
            Err(_) => Err(self.too_late()),
        }
    }

    fn permit(&self) -> Result<SemaphorePermit<'_>, QueryError> {
        self.inner.in_flight.try_acquire().map_err(|refused| match refused {
            TryAcquireError::Closed => unavailable("it is closed"),
            TryAcquireError::NoPermits => {
                unavailable(&format!("{} statements are in flight already", self.inner.statements_in_flight))
            }
        })
    }

    /// A live connection.
    fn connection(&self, share: Share) -> Result<Arc<Connection>, QueryError> {
        let slots = self.inner.single_slots();
        if let Share::Company = share
            && self.inner.statements() > slots.len()
            && let Some(flowing) =
                slots.iter().filter_map(Slot::get).find(|connection| connection.in_flight.is_flowing())
        {
            return Ok(flowing);
        }
        // From the end, where those are that statements with company do not use.
        let loads = slots.iter().rev().filter_map(|slot| Some((slot.load()?, slot)));
        let least = loads.min_by_key(|(in_flight, _)| *in_flight);
        least.and_then(|(_, slot)| slot.get()).ok_or_else(|| unavailable(&self.inner.reason()))
    }

    /// What follows a statement that was not answered: nothing behind it on its connection would be answered either.
    fn out_of_time(&self, connection: &Connection) -> QueryError {
        connection.discard.cancel();
        self.too_late()
    }

    fn too_late(&self) -> QueryError {
        unavailable(&format!("no answer within {:?}", self.inner.statement_limit))
    }

    /// A client that nobody else uses, for migrations and for locks that live and die with it.
    pub async fn session(&self) -> Result<Session, ConnectError> {
        let (client, driver) = connect(&self.inner.config, None).await?;
        tokio::spawn(driver);
        Ok(Session::new(client))
    }

    /// Whether statements can be run now; the error says why not.
    pub fn health(&self) -> Result<(), String> {
        if self.inner.single_slots().iter().any(Slot::is_up) { Ok(()) } else { Err(self.inner.reason()) }
    }

    /// How much it is used now.
    pub fn load(&self) -> DatabaseLoad {
        let inner = &self.inner;
        DatabaseLoad {
            connections: inner.slots.iter().filter(|slot| slot.is_up()).count(),
            opened: inner.opened.load(Ordering::Relaxed),
            statements: inner.statements(),
        }
    }

    /// Ends all connections. Statements in hand get 5 s to end, and connections 1 s to close.
    pub async fn close(&self) {
        let inner = &self.inner;
        // No more are taken once these are, and they are never given back.
        if let Ok(Ok(all)) =
            timeout(CLOSE_LIMIT, inner.in_flight.acquire_many(inner.statements_in_flight)).await
        {
            all.forget();
        }
        inner.in_flight.close();
        inner.stop.cancel();
        inner.keepers.close();
        inner.keepers.wait().await;
    }
}

impl Inner {
    /// The places of connections for statements that are transactions of their own.
    fn single_slots(&self) -> &[Slot] {
        &self.slots[..self.slots.len() - joined::connections_for(self.slots.len())]
    }

    /// Statements in flight.
    fn statements(&self) -> usize {
        (self.statements_in_flight as usize).saturating_sub(self.in_flight.available_permits())
    }

    fn is_joining(&self) -> bool {
        joined::connections_for(self.slots.len()) > 0
    }

    pub(crate) fn tell_up(&self) {
        // The next outage is told again, even if it has the same reason.
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    pub(crate) fn tell_down(&self, reason: &str) {
        let mut last = self.reason.lock().unwrap_or_else(PoisonError::into_inner);
        // One line for each outage, however many connections and attempts it has.
        if *last != reason {
            tracing::warn!("a database connection is down: {reason}");
            reason.clone_into(&mut last);
        }
    }

    fn reason(&self) -> String {
        let reason = self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match (self.stop.is_cancelled(), reason.is_empty()) {
            (true, _) => "it is closed".to_owned(),
            (false, true) => "it is being connected to".to_owned(),
            (false, false) => reason,
        }
    }
}

/// Which connection a statement gets.
#[derive(Clone, Copy)]
enum Share {
    /// Where not each can have a connection of its own, the first one whose statements are answered soon: what is sent
    /// together, and answered together, costs the network, both processes and the scheduler a fraction of what it costs one
    /// by one.
    Company,
    /// The one with the fewest statements: a commit waits for the disk, and those on one connection for each other.
    Least,
}

/// Whether a statement only reads, as far as its first word says so.
fn is_read(sql: &str) -> bool {
    let first = sql.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with("--"));
    first.and_then(|line| line.get(..6)).is_some_and(|word| word.eq_ignore_ascii_case("select"))
}

/// Parameters with the numbers by which errors name them.
pub(crate) fn numbered(params: &[PgValue]) -> Vec<Parameter<'_>> {
    params.iter().enumerate().map(|(index, value)| Parameter { number: index + 1, value }).collect()
}

fn read_row(row: &tokio_postgres::Row) -> Result<Row, QueryError> {
    let columns = row.columns().iter().enumerate();
    let entry = |(index, column): (usize, &tokio_postgres::Column)| {
        let value = row.try_get::<_, PgValue>(index).map_err(|error| {
            let cause =
                std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            let (name, ty) = (column.name(), column.type_());
            QueryError::Unexpected(format!(
                "the column {name} of type {ty} cannot be read ({cause}); cast it to text"
            ))
        })?;
        Ok(ResultRowEntry { column_name: column.name().to_owned(), value })
    };
    columns.map(entry).collect()
}
