//! The database as its users see it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{interval, timeout},
};
use tokio_postgres::types::{BorrowToSql, ToSql};
use tokio_util::sync::CancellationToken;

use crate::{
    ConnectError, EmbeddedConfig, OpenError, ServerConfig, Session,
    connection::{Connection, borrowed},
    connector::Connector,
    embedded::Embedded,
    error::{query_error, unavailable},
    slot::{self, Slot},
    value::{PgValue, QueryError, ResultRow, ResultRowEntry, bind::Parameter},
};

/// One row of a result, its columns in the statement's order.
pub type Row = ResultRow;

/// How long a caller waits for the embedded database's session to be free of others.
const EXCLUSIVE_LIMIT: Duration = Duration::from_secs(60);

/// A PostgreSQL database. Cheap to clone; all clones share its connections.
#[derive(Clone)]
pub struct Database {
    inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) connector: Connector,
    pub(crate) slots: Vec<Slot>,
    pub(crate) stop: CancellationToken,
    in_flight: Arc<Semaphore>,
    statements_in_flight: u32,
    statement_limit: Duration,
    /// Why the last connection was lost or could not be made.
    reason: Mutex<String>,
    /// Whether maintenance has something to do.
    written: AtomicBool,
}

impl Database {
    /// Connects to a server. The first connection must succeed; afterwards it is re-made for ever.
    pub async fn connect(config: ServerConfig) -> Result<Self, ConnectError> {
        let connector = Connector::Server(config.clone());
        let first = connector.connect().await?;
        Ok(Self::start(
            connector,
            config.connections,
            config.statements_in_flight,
            config.statement_limit,
            Some(first),
        ))
    }

    /// Connects to a server in the background: it comes up when the server does.
    pub fn connect_lazily(config: ServerConfig) -> Self {
        let (connections, in_flight, limit) =
            (config.connections, config.statements_in_flight, config.statement_limit);
        Self::start(Connector::Server(config), connections, in_flight, limit, None)
    }

    /// Opens an embedded database, in a folder or in memory.
    pub async fn open_embedded(config: EmbeddedConfig) -> Result<Self, OpenError> {
        let failed = |reason: String| OpenError::Failed { place: config.place(), reason };
        let connector = Connector::Embedded(Embedded::open(&config).await?);
        let first = connector.connect().await.map_err(|error| failed(error.to_string()))?;
        let database =
            Self::start(connector, 1, config.statements_in_flight, config.statement_limit, Some(first));
        tokio::spawn(maintain(
            Arc::downgrade(&database.inner),
            database.inner.stop.clone(),
            config.maintenance_interval,
        ));
        Ok(database)
    }

    fn start(
        connector: Connector,
        connections: usize,
        statements_in_flight: usize,
        statement_limit: Duration,
        mut first: Option<(tokio_postgres::Client, crate::connector::Driver)>,
    ) -> Self {
        let inner = Arc::new(Inner {
            connector,
            slots: (0..connections.max(1)).map(|_| Slot::default()).collect(),
            stop: CancellationToken::new(),
            in_flight: Arc::new(Semaphore::new(statements_in_flight)),
            statements_in_flight: u32::try_from(statements_in_flight).unwrap_or(u32::MAX),
            statement_limit,
            reason: Mutex::new("it is being connected to".to_owned()),
            written: AtomicBool::new(false),
        });
        for index in 0..inner.slots.len() {
            let ready = first.take().map(|connected| slot::offer(&inner, index, connected));
            tokio::spawn(slot::keep(inner.clone(), index, ready));
        }
        Self { inner }
    }

    /// Runs one statement with its parameters and returns its rows.
    pub async fn query(&self, sql: &str, params: &[PgValue]) -> Result<Vec<Row>, QueryError> {
        let params: Vec<_> =
            params.iter().enumerate().map(|(index, value)| Parameter { number: index + 1, value }).collect();
        let rows = self.run(sql, params).await?;
        rows.iter().map(read_row).collect()
    }

    /// Runs one statement for Rust code that knows its types.
    pub async fn rows(
        &self,
        sql: &str,
        params: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<tokio_postgres::Row>, QueryError> {
        self.run(sql, borrowed(params)).await
    }

    /// Runs several statements, separated by semicolons and without parameters, for their effect.
    pub async fn query_batch(&self, sql: &str) -> Result<(), QueryError> {
        let _permit = self.permit()?;
        let connection = self.connection().await?;
        self.inner.written.store(true, Ordering::Relaxed);
        let done = timeout(self.inner.statement_limit, connection.client.batch_execute(sql)).await;
        match done {
            Ok(done) => done.map_err(|error| query_error(&error)),
            Err(_) => Err(self.out_of_time(&connection)),
        }
    }

    async fn run<P, I>(&self, sql: &str, params: I) -> Result<Vec<tokio_postgres::Row>, QueryError>
    where
        P: BorrowToSql,
        I: IntoIterator<Item = P>,
        I::IntoIter: ExactSizeIterator,
    {
        let _permit = self.permit()?;
        let connection = self.connection().await?;
        self.inner.written.store(true, Ordering::Relaxed);
        match timeout(self.inner.statement_limit, connection.rows(sql, params)).await {
            Ok(rows) => rows,
            Err(_) => Err(self.out_of_time(&connection)),
        }
    }

    fn permit(&self) -> Result<SemaphorePermit<'_>, QueryError> {
        self.inner
            .in_flight
            .try_acquire()
            .map_err(|_| unavailable("too many statements are in flight already"))
    }

    /// The live connection with the fewest statements in flight.
    async fn connection(&self) -> Result<Arc<Connection>, QueryError> {
        let least = self.inner.slots.iter().filter_map(Slot::load).min_by_key(|(in_flight, _)| *in_flight);
        match least {
            Some((_, connection)) => Ok(connection),
            None => Err(unavailable(&self.inner.reason())),
        }
    }

    /// What follows a statement that was not answered: nothing behind it on its connection would be answered either. The
    /// embedded session cannot be replaced; it goes on once the statement ends.
    fn out_of_time(&self, connection: &Connection) -> QueryError {
        if !self.is_embedded() {
            connection.discard.cancel();
        }
        unavailable(&format!("no answer within {:?}", self.inner.statement_limit))
    }

    /// A client that nobody else uses, for migrations and for locks that live and die with it.
    pub async fn session(&self) -> Result<Session, ConnectError> {
        if !self.is_embedded() {
            let (client, driver) = self.inner.connector.connect().await?;
            tokio::spawn(driver);
            return Ok(Session::own(client));
        }
        let busy = || ConnectError::Embedded(format!("it was in use for {EXCLUSIVE_LIMIT:?}"));
        let everyone = self.inner.in_flight.clone().acquire_many_owned(self.inner.statements_in_flight);
        let everyone = timeout(EXCLUSIVE_LIMIT, everyone).await.map_err(|_| busy())?.map_err(|_| busy())?;
        let taken = self.inner.slots[0].take().and_then(Arc::into_inner);
        let connection = taken.ok_or_else(|| ConnectError::Embedded(self.inner.reason()))?;
        Ok(Session::lent(connection, self.inner.clone(), everyone))
    }

    /// Whether the database lives in this process.
    pub fn is_embedded(&self) -> bool {
        matches!(self.inner.connector, Connector::Embedded(_))
    }

    /// Whether statements can be run now; the error says why not.
    pub fn health(&self) -> Result<(), String> {
        let lent = self.is_embedded() && self.inner.in_flight.available_permits() == 0;
        if lent || self.inner.slots.iter().any(|slot| slot.load().is_some()) {
            Ok(())
        } else {
            Err(self.inner.reason())
        }
    }

    /// Ends all connections. Statements in hand get a moment to end; an embedded database is shut down cleanly.
    pub async fn close(&self) {
        self.inner.stop.cancel();
        if let Connector::Embedded(embedded) = &self.inner.connector {
            embedded.wait_closed().await;
        }
    }
}

impl Inner {
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
        self.reason.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
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

/// What a server does by itself: `CHECKPOINT` bounds the log, `VACUUM` the tables. Each is a statement among others.
async fn maintain(inner: std::sync::Weak<Inner>, stop: CancellationToken, every: Duration) {
    let mut ticks = interval(every);
    ticks.tick().await;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        let Some(inner) = inner.upgrade() else { return };
        if !inner.written.swap(false, Ordering::Relaxed) {
            continue;
        }
        let database = Database { inner };
        for statement in ["VACUUM", "CHECKPOINT"] {
            if let Err(error) = database.query_batch(statement).await {
                tracing::warn!("{statement} of the embedded database failed: {error}");
            }
        }
        database.inner.written.store(false, Ordering::Relaxed);
    }
}
