//! How a host runs an SQL statement.
//!
//! The SQL capability carries text only, so a statement says it in a comment in front of its text. A host that does not know the
//! marker, such as Spin, runs the statement in a transaction of its own, which is slower and otherwise equal.

/// How a host runs an SQL statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Execution {
    /// In a transaction of its own.
    #[default]
    Plain,
    /// Statements that arrive together share one transaction. For a statement that seldom fails and whose caller needs nothing but
    /// its commit.
    GroupCommit,
    /// Like [`GroupCommit`](Self::GroupCommit), one transaction at a time for each kind of statement. For a statement that locks from
    /// its start to the commit what all others of its kind lock.
    SerializedGroupCommit,
}

/// The marker of an [`Execution`], as a literal for `concat!`.
#[macro_export]
macro_rules! execution_marker {
    (Plain) => {
        ""
    };
    (GroupCommit) => {
        "-- waybill: group commit\n"
    };
    (SerializedGroupCommit) => {
        "-- waybill: serialized group commit\n"
    };
}

impl Execution {
    /// What a statement's text begins with.
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Plain => execution_marker!(Plain),
            Self::GroupCommit => execution_marker!(GroupCommit),
            Self::SerializedGroupCommit => execution_marker!(SerializedGroupCommit),
        }
    }

    /// Reads how the statement of this text runs.
    pub fn of(text: &str) -> Self {
        [Self::GroupCommit, Self::SerializedGroupCommit]
            .into_iter()
            .find(|execution| text.starts_with(execution.marker()))
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_at_the_start_only() {
        for execution in [Execution::Plain, Execution::GroupCommit, Execution::SerializedGroupCommit] {
            let marker = execution.marker();
            assert_eq!(Execution::of(&format!("{marker}SELECT 1")), execution);
            assert_eq!(Execution::of(&format!("SELECT 1 {marker}")), Execution::Plain);
        }
    }
}
