//! The database as its users see it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_postgres::types::{BorrowToSql, ToSql};
use tokio_util::sync::DropGuard;
use tokio_util::task::TaskTracker;
use waybill_backoff::Backoff;
use waybill_contracts::sql::SqlValue;

use crate::connection::{Answer, Connection, ResultTypes, borrowed};
use crate::connector::{Connected, Purpose, connect};
use crate::error::Chain;
use crate::failing::Failing;
use crate::group_commit::{GroupCommit, Outcome};
use crate::parameter::numbered;
use crate::pool::{Placement, Pool};
use crate::reconnector::Reconnector;
use crate::statements::Statements;
use crate::{ConnectError, Error, Execution, Row, ServerConfig, Session};

/// The time that running statements get to end.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// How often a statement is tried again that the server undoes for a concurrent transaction's sake.
const CONFLICT_ATTEMPTS: usize = 5;
const CONFLICT_BACKOFF_LEAST: Duration = Duration::from_millis(5);
const CONFLICT_BACKOFF_MOST: Duration = Duration::from_millis(100);

/// How much a database is used now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseLoad {
    /// Open connections.
    pub connections: usize,
    /// Connections that were ever opened.
    pub opened: u64,
    /// Statements that were begun and have not ended.
    pub statements: usize,
}

/// A PostgreSQL database. Cheap to clone; all clones share its connections.
#[derive(Clone)]
pub struct Database {
    pool: Arc<Pool>,
    group_commit: Arc<GroupCommit>,
    statements: Arc<Statements>,
    failing: Arc<Failing>,
    reconnectors: TaskTracker,
    /// The last of the handles ends the connections, also without [`close`](Self::close).
    _alive: Arc<DropGuard>,
}

impl Database {
    /// Connects to a server. The first connection must succeed; afterwards it is re-made whenever it is lost.
    pub async fn connect(config: ServerConfig) -> Result<Self, ConnectError> {
        let purpose = Purpose { statement_limit: Some(config.statement_limit), checks_pooling: true };
        let first = connect(&config, purpose).await?;
        Ok(Self::start(config, Some(first)))
    }

    /// Connects to a server in the background: it comes up when the server does.
    pub fn connect_lazily(config: ServerConfig) -> Self {
        Self::start(config, None)
    }

    fn start(config: ServerConfig, mut first: Option<Connected>) -> Self {
        let statements = Arc::new(Statements::new(config.statements_in_flight));
        let (pool, group_commit) = (Arc::new(Pool::new(config)), Arc::<GroupCommit>::default());
        let reconnectors = TaskTracker::new();
        for index in 0..pool.size() {
            reconnectors.spawn(Reconnector::new(pool.clone(), index, first.take()).run());
        }
        for index in pool.group_commit_slots() {
            tokio::spawn(group_commit.clone().serve(pool.clone(), index));
        }
        let failing = Arc::<Failing>::default();
        tokio::spawn(failing.clone().watch(pool.clone()));
        let alive = Arc::new(pool.closed().clone().drop_guard());
        Self { pool, group_commit, statements, failing, reconnectors, _alive: alive }
    }

    /// Has statements count as untested, such as those of a component that is not built in: what one lacks, such as a table, is then no
    /// fault of the database.
    pub fn expect_untested_statements(&self) {
        self.failing.expect_untested();
    }

    /// Runs one statement of the SQL link with its parameters and returns its rows.
    pub async fn query(
        &self,
        sql: &str,
        execution: Execution,
        params: &[SqlValue],
    ) -> Result<Vec<Row>, Error> {
        let answer = match execution {
            Execution::Plain => {
                let placement = if is_read(sql) { Placement::Pipelined } else { Placement::LeastLoaded };
                self.run_plain(placement, sql, params).await
            }
            Execution::GroupCommit | Execution::SerializedGroupCommit => {
                self.run_in_group_commit(execution, sql, params).await
            }
        };
        self.failing.note(sql, params, &answer);
        Ok(answer?.rows.into_iter().map(Row::new).collect())
    }

    /// Runs one statement of the SQL link for its effect, and returns the number of rows that it changed.
    pub async fn execute(&self, sql: &str, params: &[SqlValue]) -> Result<u64, Error> {
        let answer = self.run_plain(Placement::LeastLoaded, sql, params).await;
        self.failing.note(sql, params, &answer);
        Ok(answer?.changed)
    }

    /// Has the server look at one statement without running it. What it prepares is kept for the connection.
    pub async fn check(&self, sql: &str) -> Result<(), Error> {
        let deadline = self.deadline();
        let _permit = self.statements.permit()?;
        let connection = self.connection(Placement::LeastLoaded)?;
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
    ) -> Result<Vec<tokio_postgres::Row>, Error> {
        Ok(self.run(Placement::LeastLoaded, sql, ResultTypes::Any, borrowed(params)).await?.rows)
    }

    /// Runs several statements, separated by semicolons and without parameters, for their effect.
    ///
    /// They get a connection of their own, since `BEGIN` may be among them, so it is for setup, not for every request.
    pub async fn query_batch(&self, sql: &str) -> Result<(), Error> {
        let _permit = self.statements.permit()?;
        let run = async {
            let session = self.session().await;
            let session = session.map_err(|error| Error::unavailable(Chain(&error).to_string()))?;
            Ok(session.batch_execute(sql).await?)
        };
        timeout(self.statement_limit(), run).await.unwrap_or_else(|_| Err(self.too_late()))
    }

    async fn run_plain(&self, placement: Placement, sql: &str, params: &[SqlValue]) -> Result<Answer, Error> {
        self.run(placement, sql, ResultTypes::Link, numbered(params)).await
    }

    async fn run<P, I>(
        &self,
        placement: Placement,
        sql: &str,
        types: ResultTypes,
        params: I,
    ) -> Result<Answer, Error>
    where
        P: BorrowToSql,
        I: ExactSizeIterator<Item = P> + Clone,
    {
        let deadline = self.deadline();
        let _permit = self.statements.permit()?;
        let mut backoff = Backoff::new(CONFLICT_BACKOFF_LEAST, CONFLICT_BACKOFF_MOST);
        let mut attempts = 1..=CONFLICT_ATTEMPTS;
        loop {
            let answer = self.attempt(deadline, placement, sql, types, params.clone()).await;
            let again = Instant::now() + backoff.next_delay();
            match answer {
                Err(error)
                    if error.is_undone_by_conflict() && again < deadline && attempts.next().is_some() =>
                {
                    sleep_until(again).await;
                }
                done => return done,
            }
        }
    }

    async fn attempt<P, I>(
        &self,
        deadline: Instant,
        placement: Placement,
        sql: &str,
        types: ResultTypes,
        params: I,
    ) -> Result<Answer, Error>
    where
        P: BorrowToSql,
        I: ExactSizeIterator<Item = P> + Clone,
    {
        let connection = self.connection(placement)?;
        match timeout_at(deadline, connection.run(sql, types, params)).await {
            Ok(answer) => answer,
            Err(_) => Err(self.out_of_time(&connection)),
        }
    }

    /// Runs a statement that may share a transaction.
    async fn run_in_group_commit(
        &self,
        execution: Execution,
        sql: &str,
        params: &[SqlValue],
    ) -> Result<Answer, Error> {
        let exclusive = self.group_commit.exclusive_permit(execution);
        if exclusive.is_some() || self.pool.group_commit_slots().is_empty() {
            return self.run_plain(Placement::LeastLoaded, sql, params).await;
        }
        let permit = self.statements.permit()?;
        let outcome = self.group_commit.add(execution, sql, params);
        match timeout(self.statement_limit(), outcome).await {
            Ok(Ok(Outcome::Done(answer))) if !answer.as_ref().is_err_and(Error::is_undone_by_conflict) => {
                answer
            }
            // Nothing of it happened.
            Ok(Ok(Outcome::Done(_) | Outcome::Void)) => {
                drop(permit);
                self.run_plain(Placement::LeastLoaded, sql, params).await
            }
            Ok(Err(_)) => Err(Error::unavailable("it is closed")),
            Err(_) => Err(self.too_late()),
        }
    }

    fn connection(&self, placement: Placement) -> Result<Arc<Connection>, Error> {
        self.pool.connection(placement, self.statements.in_flight())
    }

    /// A statement was not answered in time: nothing behind it on its connection would be answered either.
    fn out_of_time(&self, connection: &Connection) -> Error {
        connection.discard();
        self.too_late()
    }

    fn too_late(&self) -> Error {
        Error::unavailable(format!("no answer within {:?}", self.statement_limit()))
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.statement_limit()
    }

    fn statement_limit(&self) -> Duration {
        self.pool.config().statement_limit
    }

    /// A client for exclusive use, for migrations and for locks that live and die with it.
    pub async fn session(&self) -> Result<Session, ConnectError> {
        let writable = self.pool.writable();
        let purpose = Purpose { statement_limit: None, checks_pooling: false };
        let Connected { client, driver, .. } = connect(self.pool.config(), purpose).await?;
        // A lock at a server that takes no writes any more says nothing about its successor.
        tokio::spawn(writable.run_until_cancelled_owned(driver));
        Ok(Session::new(client))
    }

    /// Whether statements can be run now; the error says why not. It is an error while there is no connection, a commit waits for
    /// a standby, or a statement fails for the database's own fault; the last two after 5 s.
    pub fn health(&self) -> Result<(), String> {
        let outage = || (!self.pool.is_up()).then(|| self.pool.outage());
        let fault = self.pool.standby_wait().or_else(outage).or_else(|| self.failing.reason());
        fault.map_or(Ok(()), Err)
    }

    /// How much it is used now.
    pub fn load(&self) -> DatabaseLoad {
        DatabaseLoad {
            connections: self.pool.up(),
            opened: self.pool.opened(),
            statements: self.statements.in_flight(),
        }
    }

    /// Ends all connections. Running statements get 5 s to end, and connections 1 s to close.
    pub async fn close(&self) {
        self.statements.close(CLOSE_LIMIT).await;
        self.pool.closed().cancel();
        self.reconnectors.close();
        self.reconnectors.wait().await;
    }
}

/// Whether a statement only reads, as far as its first word shows it.
fn is_read(sql: &str) -> bool {
    let first = sql.lines().map(str::trim_start).find(|line| !line.is_empty() && !line.starts_with("--"));
    first.and_then(|line| line.get(..6)).is_some_and(|word| word.eq_ignore_ascii_case("select"))
}
