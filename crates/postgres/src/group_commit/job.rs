//! A statement in a group commit, and its result.

use tokio::sync::oneshot;
use waybill_contracts::sql::SqlValue;

use crate::connection::Answer;
use crate::{Error, Execution};

/// A statement that waits for a transaction.
pub(super) struct Job {
    pub(super) execution: Execution,
    pub(super) sql: String,
    pub(super) params: Vec<SqlValue>,
    pub(super) done: oneshot::Sender<Outcome>,
}

/// The result of a statement in a group commit.
pub(crate) enum Outcome {
    Done(Result<Answer, Error>),
    /// Nothing has happened: the statement has to run exclusively.
    Void,
}

/// The result of a transaction.
pub(super) struct Ran {
    /// One for each statement, in their order.
    pub(super) outcomes: Vec<Outcome>,
    /// Whether the transaction was rolled back because of one of its statements.
    pub(super) is_rolled_back: bool,
}

impl Ran {
    pub(super) fn done(results: impl IntoIterator<Item = Result<Answer, Error>>) -> Self {
        Self { outcomes: results.into_iter().map(Outcome::Done).collect(), is_rolled_back: false }
    }

    /// Nothing has happened.
    pub(super) fn void(jobs: &[Job]) -> Self {
        Self { outcomes: jobs.iter().map(|_| Outcome::Void).collect(), is_rolled_back: false }
    }
}
