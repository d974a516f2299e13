//! Why a database cannot be used, and why a statement failed.

use std::error::Error as StdError;
use std::sync::Arc;
use std::{fmt, io};

use thiserror::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};
use tokio_postgres::types::WrongType;
use waybill_contracts::sql::{QueryFailure, SqlFault};

use crate::parameter::Misfit;

/// Why a server cannot be used.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The URL is wrong. The text says how and shows an example, without the password.
    #[error("{0}")]
    BadUrl(String),
    /// What answered at the address takes no writes: it is a standby, or has been set to.
    #[error("the database is read-only: no server at {address} takes writes")]
    ReadOnly {
        /// Host, port and database.
        address: String,
    },
    /// Nothing usable answered at the address.
    #[error("the database at {address} cannot be used")]
    Unreachable {
        /// Host, port and database.
        address: String,
        /// The cause. It never contains the password or the value of a session setting.
        source: Box<dyn StdError + Send + Sync>,
    },
}

/// An error of the client library. Statements of one transaction share it.
pub type Cause = Arc<tokio_postgres::Error>;

/// Why a statement failed.
#[derive(Clone, Debug, Error)]
pub enum Error {
    /// The database cannot be reached or is too busy. The statement may have taken effect if the connection was lost while it ran.
    #[error("the database is unavailable: {reason}")]
    Unavailable {
        /// What went wrong.
        reason: String,
        /// The error of the connection or the server, if there was one.
        source: Option<Cause>,
    },
    /// The server is a standby, or has become one, and writes nothing.
    #[error("the database is read-only")]
    ReadOnly(#[source] Cause),
    /// A constraint forbids the statement's effect.
    #[error("the constraint {name} forbids it (SQLSTATE {sqlstate})")]
    Constraint {
        /// The constraint. Empty for `NOT NULL`, which has no name before PostgreSQL 18.
        name: String,
        /// The condition, of class 23.
        sqlstate: String,
        /// The server's answer.
        source: Cause,
    },
    /// A concurrent transaction was in the way: a serialization failure or a deadlock.
    #[error("a concurrent transaction was in the way")]
    Serialization(#[source] Cause),
    /// The parameters do not fit the statement.
    #[error("the parameters do not fit the statement: {reason}")]
    InvalidParameters {
        /// Which one, and why.
        reason: String,
        /// The error of the library or the server, if there was one.
        source: Option<Cause>,
    },
    /// The statement is wrong: its syntax, a missing table or column, no privilege, or a result that the SQL link does not carry.
    #[error("the statement cannot be run: {reason}")]
    InvalidStatement {
        /// What is wrong.
        reason: String,
        /// The server's answer, if it was asked.
        source: Option<Cause>,
    },
    /// Anything else.
    #[error("the statement failed: {reason}")]
    Other {
        /// What happened.
        reason: String,
        /// The error of the library or the server, if there was one.
        source: Option<Cause>,
    },
}

impl Error {
    /// Whether the database could not be reached or was too busy, so that a later attempt may succeed.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::ReadOnly(_))
    }

    /// What the server says of the database itself: that it cannot do its work now, or lacks what a statement names.
    pub(crate) fn database_fault(&self) -> Option<&DbError> {
        let refused = self.cause()?.as_db_error()?;
        matches!(SqlFault::of(refused.code().code()), SqlFault::Server | SqlFault::Schema).then_some(refused)
    }

    /// Whether the server was asked and said nothing against the database itself.
    pub(crate) fn shows_that_it_works(&self) -> bool {
        self.cause().is_some_and(|cause| cause.as_db_error().is_some()) && self.database_fault().is_none()
    }

    /// Whether the server undid the statement since a concurrent transaction was in its way: nothing of it has happened.
    pub(crate) fn is_undone_by_conflict(&self) -> bool {
        let Self::Serialization(cause) = self else { return false };
        cause.as_db_error().is_some_and(|refused| {
            refused.parsed_severity() == Some(Severity::Error)
                && matches!(
                    *refused.code(),
                    SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED
                )
        })
    }

    /// A result that this program cannot read.
    pub fn unreadable(reason: impl Into<String>) -> Self {
        Self::Other { reason: reason.into(), source: None }
    }

    pub(crate) fn unavailable(reason: impl Into<String>) -> Self {
        Self::Unavailable { reason: reason.into(), source: None }
    }

    pub(crate) fn invalid_parameters(reason: impl Into<String>) -> Self {
        Self::InvalidParameters { reason: reason.into(), source: None }
    }

    pub(crate) fn invalid_statement(reason: impl Into<String>) -> Self {
        Self::InvalidStatement { reason: reason.into(), source: None }
    }

    fn cause(&self) -> Option<&Cause> {
        match self {
            Self::ReadOnly(source) | Self::Serialization(source) | Self::Constraint { source, .. } => {
                Some(source)
            }
            Self::Unavailable { source, .. }
            | Self::InvalidParameters { source, .. }
            | Self::InvalidStatement { source, .. }
            | Self::Other { source, .. } => source.as_ref(),
        }
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        let source = Arc::new(error);
        if let Some(refused) = source.as_db_error() {
            return refusal(refused, &source);
        }
        let inner = source.source();
        if let Some(misfit) = inner.and_then(|inner| inner.downcast_ref::<Misfit>()) {
            return Self::invalid_parameters(misfit.to_string());
        }
        if source.is_closed() || inner.is_some_and(<dyn StdError>::is::<io::Error>) {
            let reason = "the connection was lost before the answer came, so the statement may have taken effect or not";
            return Self::Unavailable { reason: reason.to_owned(), source: Some(source) };
        }
        // A Rust value of another type than the parameter's, or an answer that makes no sense: trying again changes nothing.
        if inner.is_some_and(<dyn StdError>::is::<WrongType>) {
            let reason = "a value has another type than its parameter".to_owned();
            return Self::InvalidParameters { reason, source: Some(source) };
        }
        Self::Other { reason: "the answer cannot be read".to_owned(), source: Some(source) }
    }
}

/// The server's answer, by its SQLSTATE.
fn refusal(refused: &DbError, source: &Cause) -> Error {
    let code = refused.code();
    let (reason, cause) = (format!("SQLSTATE {}", code.code()), Some(source.clone()));
    match (SqlFault::of(code.code()), code.code().get(..2)) {
        _ if *code == SqlState::READ_ONLY_SQL_TRANSACTION => Error::ReadOnly(source.clone()),
        (SqlFault::Server, _) => Error::Unavailable { reason, source: cause },
        (SqlFault::Parameters, _) => Error::InvalidParameters { reason, source: cause },
        (SqlFault::Statement | SqlFault::Schema, _) => Error::InvalidStatement { reason, source: cause },
        (_, Some("23")) => Error::Constraint {
            name: refused.constraint().unwrap_or_default().to_owned(),
            sqlstate: code.code().to_owned(),
            source: source.clone(),
        },
        (_, Some("40")) => Error::Serialization(source.clone()),
        _ => Error::Other { reason, source: cause },
    }
}

/// The error as the SQL link carries it.
impl From<&Error> for QueryFailure {
    fn from(error: &Error) -> Self {
        if let Some(refused) = error.cause().and_then(|cause| cause.as_db_error()) {
            return Self::refused(refused.code().code(), refused.message(), refused.constraint());
        }
        let text = |reason: &String| match error.cause() {
            Some(cause) => format!("{reason}: {}", Chain(cause.as_ref())),
            None => reason.clone(),
        };
        match error {
            Error::Unavailable { reason, .. } => Self::unavailable(&text(reason)),
            Error::InvalidParameters { reason, .. } => Self::InvalidParams(text(reason)),
            Error::InvalidStatement { reason, .. } => Self::InvalidQuery(text(reason)),
            Error::Other { reason, .. } => Self::Unexpected(text(reason)),
            Error::ReadOnly(cause)
            | Error::Serialization(cause)
            | Error::Constraint { source: cause, .. } => Self::Unexpected(Chain(cause.as_ref()).to_string()),
        }
    }
}

/// Whether a prepared statement has to be prepared anew: its result has changed since, or the server forgot it. The server reports
/// both before it executes anything.
pub(crate) fn is_stale_statement(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|refused| match *refused.code() {
        // The code means many things; the routine's name is not translated as the message is.
        SqlState::FEATURE_NOT_SUPPORTED => refused.routine() == Some("RevalidateCachedQuery"),
        SqlState::INVALID_SQL_STATEMENT_NAME => true,
        _ => false,
    })
}

/// An error with its causes, joined by colons.
pub(crate) struct Chain<'a>(pub(crate) &'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(out, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
