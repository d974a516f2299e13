//! Spin's errors as errors of the SQL link, whose cases and texts [`QueryFailure`] defines.

use waybill_contracts::sql::QueryFailure;

use crate::bindings::spin::postgres::postgres::{DbError, Error, QueryError};

/// The SQLSTATE of a write to a server that takes none.
const READ_ONLY: &str = "25006";

/// Whether the server has no room for another connection. Spin gives no SQLSTATE for an attempt to connect, so this knows the
/// English words only; in another language such a server is unavailable at once.
pub fn is_full(error: &Error) -> bool {
    let words = ["too many clients", "remaining connection slots", "too many connections for"];
    matches!(error, Error::ConnectionFailed(text) if words.iter().any(|words| text.contains(words)))
}

/// Whether the server takes no writes: it is a standby, or set to be read only.
pub fn is_read_only(error: &Error) -> bool {
    match error {
        Error::QueryFailed(QueryError::DbError(DbError { code, .. })) => code == READ_ONLY,
        Error::QueryFailed(QueryError::Text(text)) => code(text).as_deref() == Some(READ_ONLY),
        _ => false,
    }
}

/// The meaning of Spin's error.
pub fn failure(error: Error) -> QueryFailure {
    match error {
        Error::ConnectionFailed(reason) | Error::Other(reason) => {
            QueryFailure::unavailable(&one_line(&reason))
        }
        Error::BadParameter(reason) | Error::ValueConversionFailed(reason) => {
            QueryFailure::InvalidParams(one_line(&reason))
        }
        Error::QueryFailed(QueryError::DbError(DbError { code, message, extras, .. })) => {
            let constraint =
                extras.into_iter().find(|(name, _)| name == "constraint").map(|(_, value)| value);
            QueryFailure::refused(&code, &message, constraint.as_deref())
        }
        Error::QueryFailed(QueryError::Text(text)) => of_debug_text(&text),
    }
}

/// An error that came as the `Debug` text of a Rust value, as errors do that the database returns while rows are read, which
/// violated constraints are. Their parts are found by their names.
fn of_debug_text(text: &str) -> QueryFailure {
    if let Some(code) = code(text) {
        let message = quoted(text, "message: ").unwrap_or_default();
        let constraint = quoted(text, "constraint: Some(").or_else(|| quoted(text, "(\"constraint\", "));
        return QueryFailure::refused(&code, &message, constraint.as_deref());
    }
    if text.contains("kind: ToSql(") {
        return QueryFailure::InvalidParams(format!(
            "a parameter is not of the type that the statement gives it, so cast it: {}",
            one_line(text)
        ));
    }
    if text.contains("kind: FromSql(") || text.contains("error deserializing column") {
        return QueryFailure::InvalidQuery(format!(
            "a column is of a type that the SQL link does not carry; cast it to text (the statement has taken effect): {}",
            one_line(text)
        ));
    }
    QueryFailure::unavailable(&format!(
        "{} (it failed before the answer came, so the statement may have taken effect or not)",
        one_line(text)
    ))
}

/// The SQLSTATE of an error of the database.
fn code(text: &str) -> Option<String> {
    quoted(text, "code: ").filter(|code| code.len() == 5).or_else(|| sqlstate(text))
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

    fn text(text: &str) -> QueryFailure {
        failure(Error::QueryFailed(QueryError::Text(text.into())))
    }

    #[test]
    fn an_answer_of_the_database_keeps_its_code_and_constraint() {
        let violated = failure(Error::QueryFailed(QueryError::DbError(DbError {
            as_text: String::new(),
            severity: "ERROR".into(),
            code: "23505".into(),
            message: "message".into(),
            detail: None,
            extras: vec![("constraint".into(), "one_per_order".into())],
        })));
        let expected = "SQLSTATE 23505: message (constraint one_per_order)";
        assert_eq!(violated, QueryFailure::Unexpected(expected.into()));
    }

    #[test]
    fn an_error_that_came_while_rows_were_read_is_recognized() {
        let shapes = [
            r#"Error::QueryFailed(QueryError::DbError(DbError { as-text: "Error { kind: Db, cause: Some(DbError { code: SqlState(E23505), message: \"duplicate key\" }) }", severity: "ERROR", code: "23505", message: "duplicate key value violates unique constraint \"one_per_order\"", detail: None, extras: [("constraint", "one_per_order")] }))"#,
            r#"Error { kind: Db, cause: Some(DbError { severity: "ERROR", parsed_severity: Some(Error), code: SqlState(E23505), message: "duplicate key value violates unique constraint \"one_per_order\"", constraint: Some("one_per_order") }) }"#,
        ];
        let expected = "SQLSTATE 23505: duplicate key value violates unique constraint \"one_per_order\"";
        for shape in shapes {
            assert_eq!(text(shape), QueryFailure::Unexpected(expected.into()), "{shape}");
        }
    }

    #[test]
    fn a_wrong_type_is_not_an_outage() {
        assert!(matches!(
            text("Error { kind: ToSql(0), cause: Some(WrongType { postgres: Int4, rust: \"i64\" }) }"),
            QueryFailure::InvalidParams(_)
        ));
        assert!(
            matches!(text("error deserializing column 0"), QueryFailure::InvalidQuery(text) if text.contains("cast it"))
        );
        for outage in
            ["Error { kind: Closed, cause: None }", "Error { kind: Io, cause: Some(Os { code: 104 }) }", ""]
        {
            assert!(text(outage).is_unavailable(), "{outage}");
        }
        assert!(failure(Error::ConnectionFailed("no route\n\nCaused by:\n  x".into())).is_unavailable());
    }
}
