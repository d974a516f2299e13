//! Why a database is not there, and what a failed statement is told as.

use std::error::Error;

use thiserror::Error;
use tokio_postgres::error::{DbError, SqlState};
use tokio_postgres::types::WrongType;

use crate::value::QueryError;
use crate::value::bind::BindError;

/// Why a server cannot be used.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The URL is wrong. The text says how and shows an example, without the password.
    #[error("{0}")]
    BadUrl(String),
    /// Nothing usable answered at the address.
    #[error("the database at {address} cannot be used: {reason}")]
    Unreachable {
        /// Host, port and database.
        address: String,
        /// What was met, in words.
        reason: String,
    },
}

/// An error of the caller's making or the database's, as components are told of it.
pub(crate) fn query_error(error: &tokio_postgres::Error) -> QueryError {
    if let Some(refused) = error.as_db_error() {
        return refusal(refused);
    }
    let source = error.source();
    if let Some(misfit) = source.and_then(|source| source.downcast_ref::<BindError>()) {
        return QueryError::InvalidParams(misfit.to_string());
    }
    if error.is_closed() || source.is_some_and(<dyn Error>::is::<std::io::Error>) {
        let fate = "it was lost before the answer came, so the statement may have taken effect or not";
        return unavailable(&format!("{} ({fate})", in_words(error)));
    }
    // A Rust value of another type than the parameter's, or an answer that makes no sense: trying again changes nothing.
    match source {
        Some(misfit) if misfit.is::<WrongType>() => QueryError::InvalidParams(in_words(error)),
        _ => QueryError::Unexpected(in_words(error)),
    }
}

/// The database is away, or too busy; nothing is known of the statement's effect.
pub(crate) fn unavailable(reason: &str) -> QueryError {
    QueryError::Unexpected(format!("database unavailable: {reason}"))
}

fn refusal(refused: &DbError) -> QueryError {
    let code = refused.code().code();
    let constraint = match refused.constraint() {
        // Usually the message names it already; components rely on it.
        Some(name) if !refused.message().contains(name) => format!(" (constraint {name})"),
        _ => String::new(),
    };
    let text = format!("SQLSTATE {code}: {}{constraint}", refused.message());
    match &code[..2] {
        // A standby, or a server that has become one: nothing can be written there, whoever asks.
        _ if *refused.code() == SqlState::READ_ONLY_SQL_TRANSACTION => unavailable(&text),
        "22" => QueryError::InvalidParams(text),
        "42" => QueryError::InvalidQuery(text),
        // Connection, resources, operator intervention (shut-down, cancelled by the time limit), system.
        "08" | "53" | "57" | "58" => unavailable(&text),
        _ => QueryError::Unexpected(text),
    }
}

/// Whether a prepared statement has to be prepared anew: its result has changed since, or the server forgot it. Both are
/// found out before anything is executed.
pub(crate) fn is_stale_statement(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|refused| match *refused.code() {
        // The code means many things; the routine's name is not translated as the message is.
        SqlState::FEATURE_NOT_SUPPORTED => refused.routine() == Some("RevalidateCachedQuery"),
        SqlState::INVALID_SQL_STATEMENT_NAME => true,
        _ => false,
    })
}

/// The error with its causes: what a person needs and `Display` alone leaves out.
pub(crate) fn in_words(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
}
