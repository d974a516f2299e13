//! Group commit: statements that arrive together share one transaction.
//!
//! A commit waits for the disk, and a row that all of them change is locked until then. So statements that allow it (see
//! [`Execution`]) are not committed one by one when many arrive at the same time: while one transaction runs, further statements
//! gather, and together they are the next one, sent as a whole.
//!
//! It makes no difference to a statement but for its speed:
//!
//! - No statement is answered before the transaction is committed.
//! - If one fails, nothing of the transaction has happened, and each of its statements runs again with an exclusive permit. So each
//!   caller gets its own failure, and nothing is executed twice.
//! - If the connection is lost before the commit is answered, all of them may have taken effect, as with any statement.
//!
//! A few at a time run exclusively like any other statement: sharing gains nothing, and they need not wait for each other. Those of a
//! serialized group commit would wait for each other's lock; so of them there is one transaction at a time, with as many of them as
//! there are.

mod job;
mod transaction;

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout};
use waybill_contracts::sql::SqlValue;

pub(crate) use self::job::Outcome;
use self::job::{Job, Ran};
use crate::Execution;
use crate::pool::Pool;

/// Statements that run exclusively at the same time, before others gather.
const EXCLUSIVE_LIMIT: usize = 2;

/// Statements in one transaction. The more there are, the longer the first one waits.
const TRANSACTION_LIMIT: usize = 64;

/// How long statements run exclusively after one of them has failed.
const PAUSE: Duration = Duration::from_millis(50);

/// How long a serialized group commit waits for as many statements as the last one had. Callers that were just answered need a moment
/// to come again, and the first of them should not be a transaction of its own.
const GATHERING: Duration = Duration::from_millis(1);

/// Where statements gather.
#[derive(Default)]
pub(crate) struct GroupCommit {
    gathered: Mutex<VecDeque<Job>>,
    arrived: Notify,
    exclusive: AtomicUsize,
    /// Held during a serialized group commit. The number of statements that the last one had.
    serialized: tokio::sync::Mutex<usize>,
    paused_until: Mutex<Option<Instant>>,
}

/// The permit to run a statement in a transaction of its own.
pub(crate) struct ExclusivePermit<'a>(&'a AtomicUsize);

impl Drop for ExclusivePermit<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl GroupCommit {
    /// A permit to run a statement exclusively, if it would not gain from a group commit.
    pub(crate) fn exclusive_permit(&self, execution: Execution) -> Option<ExclusivePermit<'_>> {
        let others = self.exclusive.fetch_add(1, Ordering::Relaxed);
        let permit = ExclusivePermit(&self.exclusive);
        let limit = match execution {
            Execution::SerializedGroupCommit => 0,
            Execution::Plain | Execution::GroupCommit => EXCLUSIVE_LIMIT,
        };
        (others < limit || self.is_paused()).then_some(permit)
    }

    /// Adds a statement to a coming transaction. Dropping the receiver withdraws it, unless its transaction has begun.
    pub(crate) fn add(
        &self,
        execution: Execution,
        sql: &str,
        params: &[SqlValue],
    ) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        let job = Job { execution, sql: sql.to_owned(), params: params.to_vec(), done };
        self.gathered.lock().push_back(job);
        self.arrived.notify_one();
        outcome
    }

    /// Runs what gathers on the connection of slot `index`, which no other statement uses, until the pool is closed.
    pub(crate) async fn serve(self: Arc<Self>, pool: Arc<Pool>, index: usize) {
        loop {
            tokio::select! {
                () = self.arrived.notified() => {}
                () = pool.closed().cancelled() => return,
            }
            while let Some(execution) = self.next() {
                self.commit_next(execution, &pool, index).await;
            }
        }
    }

    /// Runs one transaction of the statements that gathered.
    async fn commit_next(&self, execution: Execution, pool: &Pool, index: usize) {
        let mut serialized = None;
        if execution == Execution::SerializedGroupCommit {
            let last = serialized.insert(self.serialized.lock().await);
            self.gather(**last).await;
        }
        let jobs = self.take(execution);
        // Empty if the other connection's transaction took them.
        if let (Some(last), false) = (&mut serialized, jobs.is_empty()) {
            **last = jobs.len();
        }
        let ran = match (pool.connection_at(index), jobs.is_empty()) {
            (Some(connection), false) => {
                transaction::run(&connection, pool.config().statement_limit, &jobs).await
            }
            // Running exclusively, each finds another connection or learns why there is none.
            _ => Ran::void(&jobs),
        };
        if ran.is_rolled_back {
            *self.paused_until.lock() = Some(Instant::now() + PAUSE);
        }
        for (job, outcome) in jobs.into_iter().zip(ran.outcomes) {
            // The caller may be gone.
            let _ = job.done.send(outcome);
        }
    }

    /// How the first statement in the queue runs.
    fn next(&self) -> Option<Execution> {
        self.gathered.lock().front().map(|job| job.execution)
    }

    /// Takes the first statements of the queue that run in this way.
    fn take(&self, execution: Execution) -> Vec<Job> {
        let mut gathered = self.gathered.lock();
        let same = gathered.iter().take(TRANSACTION_LIMIT).take_while(|job| job.execution == execution);
        let count = same.count();
        gathered.drain(..count).filter(|job| !job.done.is_closed()).collect()
    }

    /// Waits for `wanted` statements, but not for long.
    async fn gather(&self, wanted: usize) {
        let gathered = async {
            while self.gathered.lock().len() < wanted {
                self.arrived.notified().await;
            }
        };
        // After the time, those that are there are enough.
        let _ = timeout(GATHERING, gathered).await;
    }

    fn is_paused(&self) -> bool {
        self.paused_until.lock().is_some_and(|until| Instant::now() < until)
    }
}
