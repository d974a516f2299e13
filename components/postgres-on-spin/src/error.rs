//! Spin's errors in the words of `wasmcloud:postgres`, as Waybill's own host tells them.
//!
//! | what happened | case | text |
//! | --- | --- | --- |
//! | a value does not fit (SQLSTATE 22…) | `invalid-params` | `SQLSTATE 22003: …` |
//! | the statement does not fit the schema (42…) | `invalid-query` | `SQLSTATE 42P01: …` |
//! | the database is away or busy (08…, 53…, 57…, 58…, or no answer at all) | `unexpected` | `database unavailable: …` |
//! | anything else, such as a violated constraint (23…) | `unexpected` | `SQLSTATE 23505: … "constraint"` |

use crate::bindings::exports::wasmcloud::postgres::types::QueryError;
use crate::bindings::spin::postgres::postgres::{DbError, Error, QueryError as Failure};

const UNAVAILABLE: &str = "database unavailable: ";

/// A parameter is at fault.
pub fn invalid_params(text: impl Into<String>) -> QueryError {
    QueryError::InvalidParams(text.into())
}

/// The statement is at fault.
pub fn invalid_query(text: impl Into<String>) -> QueryError {
    QueryError::InvalidQuery(text.into())
}

/// The database is away, or too busy; nothing is known of the statement's effect.
pub fn unavailable(reason: &str) -> QueryError {
    QueryError::Unexpected(format!("{UNAVAILABLE}{reason}"))
}

/// Whether it is such an error.
pub fn is_unavailable(error: &QueryError) -> bool {
    matches!(error, QueryError::Unexpected(text) if text.starts_with(UNAVAILABLE))
}

/// Whether the server has no room for another connection. Spin tells no SQLSTATE of an attempt to connect, so this knows the
/// English words only; in another language such a server is unavailable at once.
pub fn is_full(error: &Error) -> bool {
    let words = ["too many clients", "remaining connection slots", "too many connections for"];
    matches!(error, Error::ConnectionFailed(text) if words.iter().any(|words| text.contains(words)))
}

/// What Spin's error means.
pub fn query_error(error: Error) -> QueryError {
    match error {
        Error::ConnectionFailed(reason) | Error::Other(reason) => unavailable(&one_line(&reason)),
        Error::BadParameter(reason) | Error::ValueConversionFailed(reason) => {
            invalid_params(one_line(&reason))
        }
        Error::QueryFailed(Failure::DbError(DbError { code, message, extras, .. })) => {
            let constraint =
                extras.into_iter().find(|(name, _)| name == "constraint").map(|(_, value)| value);
            refusal(&code, &message, constraint.as_deref())
        }
        Error::QueryFailed(Failure::Text(text)) => told_by_text(&text),
    }
}

/// What the database itself said.
fn refusal(code: &str, message: &str, constraint: Option<&str>) -> QueryError {
    let text = match constraint {
        // Usually the message names it already; components rely on it.
        Some(name) if !message.contains(name) => format!("SQLSTATE {code}: {message} (constraint {name})"),
        _ => format!("SQLSTATE {code}: {message}"),
    };
    match code.get(..2) {
        Some("22") => invalid_params(text),
        Some("42") => invalid_query(text),
        Some("08" | "53" | "57" | "58") => unavailable(&text),
        _ => QueryError::Unexpected(text),
    }
}

/// What came as the text of a Rust value. Errors that the database returns while rows are read, which violated constraints
/// are, come this way too: their parts are found by their names.
fn told_by_text(text: &str) -> QueryError {
    if let Some(code) = quoted(text, "code: ").filter(|code| code.len() == 5).or_else(|| sqlstate(text)) {
        let message = quoted(text, "message: ").unwrap_or_default();
        let constraint = quoted(text, "constraint: Some(").or_else(|| quoted(text, "(\"constraint\", "));
        return refusal(&code, &message, constraint.as_deref());
    }
    if text.contains("kind: ToSql(") {
        return invalid_params(format!(
            "a parameter is not of the type that the statement gives it: {}",
            one_line(text)
        ));
    }
    if text.contains("kind: FromSql(") || text.contains("error deserializing column") {
        return invalid_query(format!(
            "a column is of a type that Spin cannot read, so cast it to text (the statement has taken effect): {}",
            one_line(text)
        ));
    }
    unavailable(&format!(
        "{} (it failed before the answer came, so the statement may have taken effect or not)",
        one_line(text)
    ))
}

/// The string in quotes after the first `name` that has one, with its escapes undone. Within a string that is quoted itself,
/// a quote has a backslash before it, so that names there are passed over.
fn quoted(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{name}\""))?;
    let mut characters = rest.chars();
    let mut value = String::new();
    loop {
        match characters.next()? {
            '"' => return Some(value),
            '\\' => value.push(match characters.next()? {
                'n' => '\n',
                't' => '\t',
                other => other,
            }),
            other => value.push(other),
        }
    }
}

/// The code in `SqlState(E23505)`.
fn sqlstate(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("SqlState(E")?;
    rest.get(..5).map(str::to_owned)
}

/// The first line: what follows in a text of an `anyhow` error are causes and, if the host records them, stack frames.
fn one_line(text: &str) -> String {
    let (causes, _) = text.split_once("\n\nStack backtrace").unwrap_or((text, ""));
    causes.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> QueryError {
        query_error(Error::QueryFailed(Failure::Text(text.into())))
    }

    fn database(code: &str, extras: Vec<(String, String)>) -> QueryError {
        query_error(Error::QueryFailed(Failure::DbError(DbError {
            as_text: String::new(),
            severity: "ERROR".into(),
            code: code.into(),
            message: "message".into(),
            detail: None,
            extras,
        })))
    }

    #[test]
    fn the_databases_own_errors_keep_their_code_and_constraint() {
        assert!(
            matches!(database("22003", vec![]), QueryError::InvalidParams(text) if text == "SQLSTATE 22003: message")
        );
        assert!(
            matches!(database("42P01", vec![]), QueryError::InvalidQuery(text) if text == "SQLSTATE 42P01: message")
        );
        assert!(is_unavailable(&database("57014", vec![])));
        let violated = database("23505", vec![("constraint".into(), "one_per_order".into())]);
        assert!(
            matches!(violated, QueryError::Unexpected(text) if text == "SQLSTATE 23505: message (constraint one_per_order)")
        );
    }

    #[test]
    fn an_error_that_came_while_rows_were_read_is_the_same() {
        let shapes = [
            r#"Error::QueryFailed(QueryError::DbError(DbError { as-text: "Error { kind: Db, cause: Some(DbError { code: SqlState(E23505), message: \"duplicate key\" }) }", severity: "ERROR", code: "23505", message: "duplicate key value violates unique constraint \"one_per_order\"", detail: None, extras: [("constraint", "one_per_order")] }))"#,
            r#"Error { kind: Db, cause: Some(DbError { severity: "ERROR", parsed_severity: Some(Error), code: SqlState(E23505), message: "duplicate key value violates unique constraint \"one_per_order\"", constraint: Some("one_per_order") }) }"#,
        ];
        for shape in shapes {
            let QueryError::Unexpected(text) = text(shape) else { panic!("{shape}") };
            assert_eq!(
                text,
                "SQLSTATE 23505: duplicate key value violates unique constraint \"one_per_order\""
            );
        }
    }

    #[test]
    fn a_misfit_is_told_from_an_outage() {
        assert!(matches!(
            text("Error { kind: ToSql(0), cause: Some(WrongType { postgres: Int4, rust: \"i64\" }) }"),
            QueryError::InvalidParams(_)
        ));
        assert!(
            matches!(text("error deserializing column 0"), QueryError::InvalidQuery(text) if text.contains("cast it"))
        );
        for outage in
            ["Error { kind: Closed, cause: None }", "Error { kind: Io, cause: Some(Os { code: 104 }) }", ""]
        {
            assert!(is_unavailable(&text(outage)), "{outage}");
        }
        assert!(is_unavailable(&query_error(Error::ConnectionFailed("no route\n\nCaused by:\n  x".into()))));
    }
}
