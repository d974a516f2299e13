//! Errors of statements.

use std::fmt;

use waybill_contracts::sql::{QueryFailure, Unexpected};

use super::bindings::wasmcloud::postgres::types::QueryError;
use super::log;
use crate::Problem;

/// Why a statement failed.
#[derive(Debug)]
pub struct SqlError {
    statement: &'static str,
    kind: Kind,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The database could not run it now, for its state or its schema; a later attempt may succeed.
    Unavailable,
    /// A constraint forbids it; the text has the constraint's name.
    Constraint,
    /// The statement, its parameters or its result do not fit the schema, which is a defect of the component.
    Defect,
}

impl SqlError {
    /// Reads an error of the capability.
    pub fn new(statement: &'static str, error: QueryError) -> Self {
        let failure = match error {
            QueryError::InvalidParams(text) => QueryFailure::InvalidParams(text),
            QueryError::InvalidQuery(text) => QueryFailure::InvalidQuery(text),
            QueryError::Unexpected(text) => QueryFailure::Unexpected(text),
        };
        let failure = failure.by_its_text();
        // The statements of a service are constant and tested, so a table or a privilege that is missing is the database's fault.
        let is_of_the_schema = failure.is_of_the_schema();
        let (kind, text) = match failure {
            QueryFailure::InvalidQuery(text) if is_of_the_schema => (Kind::Unavailable, text),
            QueryFailure::Unexpected(text) if Unexpected::parse(&text).is_violation() => {
                (Kind::Constraint, text)
            }
            QueryFailure::Unexpected(text) => (Kind::Unavailable, text),
            QueryFailure::InvalidParams(text) | QueryFailure::InvalidQuery(text) => (Kind::Defect, text),
        };
        Self { statement, kind, text }
    }

    pub(super) fn defect(statement: &'static str, text: &str) -> Self {
        Self { statement, kind: Kind::Defect, text: text.to_owned() }
    }

    /// Whether the database could not run it now, which says nothing about the statement.
    pub fn is_unavailable(&self) -> bool {
        self.kind == Kind::Unavailable
    }

    /// Whether the constraint of this name was violated.
    pub fn violates(&self, constraint: &str) -> bool {
        self.kind == Kind::Constraint && Unexpected::parse(&self.text).violates(constraint)
    }
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "statement {} failed: {}", self.statement, self.text)
    }
}

impl std::error::Error for SqlError {}

impl From<SqlError> for Problem {
    /// Logs the error, because the client gets none of its text.
    fn from(error: SqlError) -> Self {
        log(&error);
        match error.kind {
            Kind::Unavailable => Self::unavailable(),
            Kind::Constraint | Kind::Defect => Self::internal(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::respond::tests::text_of;

    const STATEMENT: &str = "do_it";

    #[test]
    fn a_violated_constraint_is_known_by_its_name() {
        for text in [
            "SQLSTATE 23505: duplicate key value violates unique constraint \"invoices_one_per_order\"",
            "db error: ERROR: duplicate key value violates unique constraint \"invoices_one_per_order\"",
        ] {
            let error = SqlError::new(STATEMENT, QueryError::Unexpected(text.into()));
            assert!(error.violates("invoices_one_per_order"));
            assert!(!error.violates("orders_customer_exists"));
        }
        let unavailable = SqlError::new(
            STATEMENT,
            QueryError::Unexpected("database unavailable: invoices_one_per_order".into()),
        );
        assert!(!unavailable.violates("invoices_one_per_order"));
    }

    #[test]
    fn an_unavailable_database_is_a_503_and_anything_else_a_500() {
        let status = |error| Problem::from(SqlError::new(STATEMENT, error)).status().as_u16();
        assert_eq!(status(QueryError::Unexpected("database unavailable: no route".into())), 503);
        assert_eq!(status(QueryError::Unexpected("connection closed".into())), 503);
        assert_eq!(status(QueryError::Unexpected("SQLSTATE 23514: check".into())), 500);
        for of_the_schema in ["42501", "42P01", "42703", "42883"] {
            let text = format!("SQLSTATE {of_the_schema}: it is not there");
            assert_eq!(status(QueryError::InvalidQuery(text)), 503, "{of_the_schema}");
        }
        assert_eq!(status(QueryError::InvalidQuery("SQLSTATE 42601: syntax".into())), 500);
        assert_eq!(status(QueryError::InvalidParams("SQLSTATE 22003: too large".into())), 500);
    }

    #[test]
    fn a_connection_that_the_plugin_of_wasmcloud_2_lost_is_a_503() {
        let status =
            |text: &str| Problem::from(SqlError::new(STATEMENT, QueryError::InvalidQuery(text.into())));
        for (text, expected) in [
            ("query failed: connection closed", 503),
            ("query failed: 57P01: terminating connection due to administrator command", 503),
            ("query failed: 40001: could not serialize access", 503),
            ("query failed: 42P01: relation \"orders\" does not exist", 503),
            ("query failed: 42601: syntax error", 500),
            ("query failed: error serializing parameter 0", 500),
        ] {
            assert_eq!(status(text).status().as_u16(), expected, "{text}");
        }
    }

    #[test]
    fn an_answer_shows_nothing_of_the_statement() {
        let error = SqlError::new(STATEMENT, QueryError::InvalidQuery("SELECT secret".into()));
        let text = text_of(Problem::from(error).into_response());
        assert!(!text.contains("SELECT") && !text.contains("do_it"), "{text}");
    }
}
