//! Statements that share a transaction.
//!
//! A commit waits for the disk, and a row that all of them change is locked until then. So statements that say that they may
//! ([`Execution::GroupCommit`]) are not committed one by one when many come at the same time: while one transaction is under way, further
//! statements gather, and together they are the next one, sent as a whole in one go.
//!
//! It makes no difference to a statement but for its speed:
//!
//! - None is answered before the transaction is committed.
//! - If one fails, nothing of the transaction has happened, and each of its statements is run again by itself. So a failure is
//!   told to the one whose it is, and nothing is executed twice.
//! - If the connection is lost before the commit is answered, all of them may have taken effect, as with any statement.
//!
//! A few at a time are run by themselves as any other: there is nothing to gain, and they need not wait for each other. But
//! those that say that they take turns ([`Execution::SerializedGroupCommit`]) would; so of them there is one transaction at a time, with as many of them
//! as there are.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use futures::future::{FutureExt as _, MaybeDone, maybe_done};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout};
use waybill_contracts::Execution;

use crate::connection::{Answer, Connection, Failure};
use crate::database::{Inner, numbered};
use crate::error::unavailable;
use crate::value::{PgValue, QueryError};

/// Connections of every so many are for transactions that are shared. Two of them keep the disk busy while the next is sent.
const EVERY: usize = 4;

/// Statements that are run by themselves at the same time, before others gather.
const ALONE: usize = 2;

/// Statements in one transaction. The more there are, the longer the first one waits.
const MOST: usize = 64;

/// How long statements are run by themselves after one of them has failed.
const PAUSE: Duration = Duration::from_millis(50);

/// How long whoever has the turn waits for as many statements as there were the last time. Those who were answered then need a
/// moment to come again, and the first of them should not be a transaction of its own.
const GATHERING: Duration = Duration::from_millis(1);

/// How many of a database's connections are for shared transactions.
pub(crate) fn connections_for(all: usize) -> usize {
    all / EVERY
}

/// With whom a statement may share a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Joining {
    /// With all that do not take turns.
    Freely,
    /// With all that do.
    InTurn,
}

impl Joining {
    /// How a statement may share a transaction, or `None` if it runs in one of its own.
    pub(crate) fn of(sql: &str) -> Option<Self> {
        match Execution::of(sql) {
            Execution::Plain => None,
            Execution::GroupCommit => Some(Self::Freely),
            Execution::SerializedGroupCommit => Some(Self::InTurn),
        }
    }
}

/// Where statements gather.
#[derive(Default)]
pub(crate) struct Joiner {
    gathered: Mutex<VecDeque<Job>>,
    arrived: Notify,
    alone: AtomicUsize,
    /// Held for the transaction of those that take turns. How many they were the last time.
    turn: tokio::sync::Mutex<usize>,
    paused_until: Mutex<Option<Instant>>,
}

/// A statement that waits for a transaction.
struct Job {
    joining: Joining,
    sql: String,
    params: Vec<PgValue>,
    done: oneshot::Sender<Outcome>,
}

/// What became of a statement.
pub(crate) enum Outcome {
    Done(Result<Answer, QueryError>),
    /// Nothing has happened: it is to be run by itself.
    Void,
}

/// Leave to run a statement by itself.
pub(crate) struct Alone<'a>(&'a AtomicUsize);

impl Drop for Alone<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Joiner {
    /// Leave to run a statement by itself, where it would not gain from company.
    pub(crate) fn alone(&self, joining: Joining) -> Option<Alone<'_>> {
        let others = self.alone.fetch_add(1, Ordering::Relaxed);
        let alone = Alone(&self.alone);
        let most = if joining == Joining::InTurn { 0 } else { ALONE };
        (others < most || self.is_paused()).then_some(alone)
    }

    /// Has a statement share a transaction. Whoever does not wait for the outcome any more takes it back, if it is not begun.
    pub(crate) fn join(&self, joining: Joining, sql: &str, params: &[PgValue]) -> oneshot::Receiver<Outcome> {
        let (done, outcome) = oneshot::channel();
        self.lock().push_back(Job { joining, sql: sql.to_owned(), params: params.to_vec(), done });
        self.arrived.notify_one();
        outcome
    }

    /// How the statement in front may be joined.
    fn next(&self) -> Option<Joining> {
        self.lock().front().map(|job| job.joining)
    }

    /// Takes those in front that may be joined so.
    fn take(&self, joining: Joining) -> Vec<Job> {
        let mut gathered = self.lock();
        let count = gathered.iter().take(MOST).take_while(|job| job.joining == joining).count();
        gathered.drain(..count).filter(|job| !job.done.is_closed()).collect()
    }

    /// Waits for `wanted` statements, but not for long.
    async fn gather(&self, wanted: usize) {
        let gathered = async {
            while self.lock().len() < wanted {
                self.arrived.notified().await;
            }
        };
        // Those that are there are enough.
        let _ = timeout(GATHERING, gathered).await;
    }

    fn pause(&self) {
        *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + PAUSE);
    }

    fn is_paused(&self) -> bool {
        let until = *self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs what gathers, on the connection of slot `index`, which nobody else uses.
pub(crate) async fn serve(inner: Arc<Inner>, index: usize) {
    loop {
        tokio::select! {
            () = inner.joiner.arrived.notified() => {}
            () = inner.stop.cancelled() => return,
        }
        while let Some(joining) = inner.joiner.next() {
            let mut turn = None;
            if joining == Joining::InTurn {
                let last = turn.insert(inner.joiner.turn.lock().await);
                inner.joiner.gather(**last).await;
            }
            let jobs = inner.joiner.take(joining);
            // There are none where the other connection's transaction had them.
            if let (Some(last), false) = (&mut turn, jobs.is_empty()) {
                **last = jobs.len();
            }
            let connection = inner.slots[index].get();
            let outcomes = match (&connection, jobs.is_empty()) {
                (Some(connection), false) => run(&inner, connection, &jobs).await,
                // Whoever runs it by itself finds another connection, or learns why there is none.
                _ => void(&jobs),
            };
            for (job, outcome) in jobs.into_iter().zip(outcomes) {
                // Its caller may be gone.
                let _ = job.done.send(outcome);
            }
        }
    }
}

fn void(jobs: &[Job]) -> Vec<Outcome> {
    jobs.iter().map(|_| Outcome::Void).collect()
}

async fn run(inner: &Inner, connection: &Connection, jobs: &[Job]) -> Vec<Outcome> {
    let _counted = connection.in_flight.count_one();
    let ran = async {
        if let [job] = jobs {
            let params = numbered(&job.params);
            return vec![Outcome::Done(connection.run(&job.sql, params.iter()).await)];
        }
        // What is prepared takes an answer of its own, which nothing in the transaction can wait for.
        for job in jobs {
            if connection.prepare(&job.sql).await.is_err() {
                return void(jobs);
            }
        }
        transact(inner, connection, jobs).await
    };
    if let Ok(outcomes) = timeout(inner.statement_limit, ran).await {
        return outcomes;
    }
    connection.discard.cancel();
    let late = unavailable(&format!("no answer within {:?}", inner.statement_limit));
    jobs.iter().map(|_| Outcome::Done(Err(late.clone()))).collect()
}

async fn transact(inner: &Inner, connection: &Connection, jobs: &[Job]) -> Vec<Outcome> {
    let params: Vec<_> = jobs.iter().map(|job| numbered(&job.params)).collect();
    let command = |text: &'static str| {
        connection
            .client
            .batch_execute(text)
            .map(|done| done.map(|()| Answer::default()).map_err(Failure::from))
            .boxed()
    };
    let statements =
        jobs.iter().zip(&params).map(|(job, params)| connection.attempt(&job.sql, params.iter()).boxed());
    let all = [command("BEGIN")].into_iter().chain(statements).chain([command("COMMIT")]);
    let mut ended = in_this_order(all.collect()).await;
    let (commit, begin) = (ended.pop(), ended.remove(0));
    if begin.is_err() {
        // Each was a transaction of its own then, and what it says is what happened.
        return ended.into_iter().map(|outcome| Outcome::Done(outcome.map_err(Failure::told))).collect();
    }
    // A transaction of which a statement was refused is undone, whatever its COMMIT says.
    let is_undone = ended.iter().any(|outcome| matches!(outcome, Err(Failure::Stale | Failure::Refused(_))));
    match commit {
        Some(Ok(_)) if !is_undone => {
            ended.into_iter().map(|outcome| Outcome::Done(outcome.map_err(Failure::told))).collect()
        }
        Some(Ok(_) | Err(Failure::Stale | Failure::Refused(_))) => {
            inner.joiner.pause();
            void(jobs)
        }
        Some(Err(Failure::Told(error))) => jobs.iter().map(|_| Outcome::Done(Err(error.clone()))).collect(),
        None => void(jobs),
    }
}

/// Polls all futures, one after the other: each sends what it has to send when it is polled for the first time.
async fn in_this_order<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    let mut futures: Vec<Pin<Box<MaybeDone<F>>>> =
        futures.into_iter().map(|it| Box::pin(maybe_done(it))).collect();
    poll_fn(|context| {
        let mut is_done = true;
        for future in &mut futures {
            is_done &= future.as_mut().poll(context).is_ready();
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    futures.iter_mut().filter_map(|future| future.as_mut().take_output()).collect()
}
