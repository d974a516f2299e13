//! How a statement runs.

/// How a statement runs when many come at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Execution {
    /// In a transaction of its own.
    Plain,
    /// In a transaction that it may share with other such statements. It needs no more than its own effects to be there once it is
    /// answered, and it seldom fails.
    GroupCommit,
    /// As [`GroupCommit`](Self::GroupCommit), one transaction at a time: the statement locks what all others of its kind lock, from
    /// its beginning until the commit, so fewer transactions mean less waiting.
    SerializedGroupCommit,
}

impl Execution {
    /// The execution that the first line of a statement asks for.
    pub fn of(statement: &str) -> Self {
        if statement.starts_with("-- joinable\n") {
            Self::GroupCommit
        } else if statement.starts_with("-- joinable, in turn\n") {
            Self::SerializedGroupCommit
        } else {
            Self::Plain
        }
    }
}
