//! A statement that the database fails to run, such as one whose table is locked, or has no space, or may not be written any more.
//!
//! Connections show none of that. So the statement is run again in a transaction that is rolled back, until that succeeds or a
//! caller's does. What callers send decides nothing: a statement that fails only as they send it passes its trial.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};
use tokio_postgres::error::{DbError, SqlState};
use waybill_contracts::sql::{SqlFault, SqlValue};

use crate::Error;
use crate::connection::{Answer, Connection, Failure, ResultTypes};
use crate::connector::{Connected, Purpose, connect};
use crate::driver::while_driven;
use crate::parameter::numbered;
use crate::pool::{FAILING_LIMIT, Pool};

/// The time between two trials.
const TRIAL_INTERVAL: Duration = Duration::from_secs(1);

/// The time limit of a trial's statements, shorter than [`FAILING_LIMIT`], in which one of them ends.
const TRIAL_STATEMENT_LIMIT: Duration = Duration::from_secs(3);

/// The time limit of a trial.
const TRIAL_LIMIT: Duration = Duration::from_secs(15);

/// The statement that fails now, if any. Others wait until it succeeds.
#[derive(Default)]
pub(crate) struct Failing {
    /// Whether there is one. Read for each statement that succeeds.
    is_some: AtomicBool,
    statement: Mutex<Option<Arc<Statement>>>,
    arrived: Notify,
    /// Whether statements may be mistyped, so that what one lacks is no fault of the database.
    is_untested: AtomicBool,
}

struct Statement {
    sql: String,
    params: Vec<SqlValue>,
    since: Instant,
    /// Whether it was not answered in time, as behind a lock. Then it may be one that takes long.
    was_late: bool,
    /// Why its last trial failed.
    fault: Mutex<Option<String>>,
}

impl Failing {
    /// Has what a statement lacks, such as a table, count no longer.
    pub(crate) fn expect_untested(&self) {
        self.is_untested.store(true, Ordering::Relaxed);
    }

    /// Takes note of a statement's outcome.
    pub(crate) fn note(&self, sql: &str, params: &[SqlValue], outcome: &Result<Answer, Error>) {
        match outcome {
            Err(error) => {
                if let Some(fault) = error.database_fault() {
                    self.begin(sql, params, fault);
                } else if error.shows_that_it_works() {
                    self.end(sql);
                }
            }
            Ok(_) => self.end(sql),
        }
    }

    /// Why the database is to be reported as unavailable, if it is.
    pub(crate) fn reason(&self) -> Option<String> {
        let statement = self.statement.lock().clone()?;
        let fault = statement.fault.lock().clone()?;
        (statement.since.elapsed() >= FAILING_LIMIT).then(|| format!("a statement fails: {fault}"))
    }

    /// Tries the statement that fails, until the pool is closed.
    pub(crate) async fn watch(self: Arc<Self>, pool: Arc<Pool>) {
        let watched = async {
            loop {
                let Some(statement) = self.statement.lock().clone() else {
                    self.arrived.notified().await;
                    continue;
                };
                match timeout(TRIAL_LIMIT, trial(&pool, &statement)).await {
                    Ok(Some(Ok(()))) => self.end(&statement.sql),
                    Ok(Some(Err(fault))) => *statement.fault.lock() = Some(fault),
                    // It was not tried, and the connections show why.
                    Ok(None) | Err(_) => {}
                }
                sleep(TRIAL_INTERVAL).await;
            }
        };
        pool.closed().run_until_cancelled(watched).await;
    }

    fn begin(&self, sql: &str, params: &[SqlValue], fault: &DbError) {
        let lacks_something = SqlFault::of(fault.code().code()) == SqlFault::Schema;
        if lacks_something && self.is_untested.load(Ordering::Relaxed) {
            return;
        }
        let mut statement = self.statement.lock();
        if statement.is_none() {
            let was_late = matches!(*fault.code(), SqlState::QUERY_CANCELED | SqlState::LOCK_NOT_AVAILABLE);
            let (sql, params, since) = (sql.to_owned(), params.to_vec(), Instant::now());
            *statement = Some(Arc::new(Statement { sql, params, since, was_late, fault: Mutex::default() }));
            self.is_some.store(true, Ordering::Relaxed);
            self.arrived.notify_one();
        }
    }

    fn end(&self, sql: &str) {
        if !self.is_some.load(Ordering::Relaxed) {
            return;
        }
        let mut statement = self.statement.lock();
        if statement.as_ref().is_some_and(|failing| failing.sql == sql) {
            *statement = None;
            self.is_some.store(false, Ordering::Relaxed);
        }
    }
}

/// Runs a statement without effect. The outcome is why the database fails; there is none if it was not reached.
async fn trial(pool: &Pool, statement: &Statement) -> Option<Result<(), String>> {
    let purpose = Purpose { statement_limit: Some(TRIAL_STATEMENT_LIMIT), checks_pooling: false };
    let Connected { client, mut driver, .. } = connect(pool.config(), purpose).await.ok()?;
    let connection = Connection::new(client, pool.writable());
    let ran = while_driven(&mut driver, run_and_undo(&connection, statement)).await.ok()?;
    let Err(error) = ran else { return Some(Ok(())) };
    match error.database_fault() {
        Some(fault) => Some(Err(format!("{} (SQLSTATE {})", fault.message(), fault.code().code()))),
        None => error.shows_that_it_works().then_some(Ok(())),
    }
}

async fn run_and_undo(connection: &Connection, statement: &Statement) -> Result<(), Error> {
    // Waits for locks of whole tables, as the statement itself does.
    connection.prepare(&statement.sql).await?;
    if statement.was_late {
        return Ok(());
    }
    // A lost network must not keep its locks.
    let begin = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '5s'";
    connection.command(begin).await.map_err(Failure::into_error)?;
    connection.run(&statement.sql, ResultTypes::Any, numbered(&statement.params)).await?;
    // Its end undoes it too.
    connection.command("ROLLBACK").await.map_err(Failure::into_error)?;
    Ok(())
}
