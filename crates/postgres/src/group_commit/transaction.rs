//! One transaction of several statements.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use futures::future::{FutureExt as _, MaybeDone, maybe_done};
use tokio::time::timeout;

use super::job::{Job, Ran};
use crate::Error;
use crate::connection::{Answer, Connection, Failure, ResultTypes};
use crate::parameter::numbered;

pub(super) async fn run(connection: &Connection, limit: Duration, jobs: &[Job]) -> Ran {
    let _counted = connection.in_flight().count_one();
    let ran = async {
        if let [job] = jobs {
            let answer = connection.run(&job.sql, ResultTypes::Link, numbered(&job.params));
            return Ran::done([answer.await]);
        }
        // Preparing needs an answer of its own, which nothing in the transaction can wait for.
        for job in jobs {
            if connection.prepare(&job.sql).await.is_err() {
                return Ran::void(jobs);
            }
        }
        transact(connection, jobs).await
    };
    if let Ok(ran) = timeout(limit, ran).await {
        return ran;
    }
    connection.discard();
    let late = Error::unavailable(format!("no answer within {limit:?}"));
    Ran::done(jobs.iter().map(|_| Err(late.clone())))
}

async fn transact(connection: &Connection, jobs: &[Job]) -> Ran {
    let statements =
        jobs.iter().map(|job| connection.attempt(&job.sql, ResultTypes::Link, numbered(&job.params)).boxed());
    let begin = [connection.command("BEGIN").boxed()];
    let commit = [connection.command("COMMIT").boxed()];
    let mut ended = in_this_order(begin.into_iter().chain(statements).chain(commit).collect()).await;
    let (commit, begin) = (ended.pop(), ended.remove(0));
    let answers = |ended: Vec<Result<Answer, Failure>>| {
        Ran::done(ended.into_iter().map(|outcome| outcome.map_err(Failure::into_error)))
    };
    if begin.is_err() {
        // Each statement was a transaction of its own then, so its own answer is what happened.
        return answers(ended);
    }
    // A transaction with a refused statement is rolled back, whatever its COMMIT answers.
    let is_undone = ended.iter().any(|outcome| matches!(outcome, Err(Failure::Stale | Failure::Refused(_))));
    match commit {
        Some(Ok(_)) if !is_undone => answers(ended),
        Some(Ok(_) | Err(Failure::Stale | Failure::Refused(_))) => {
            Ran { is_rolled_back: true, ..Ran::void(jobs) }
        }
        Some(Err(Failure::Unanswered(error))) => Ran::done(jobs.iter().map(|_| Err(error.clone()))),
        None => Ran::void(jobs),
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
