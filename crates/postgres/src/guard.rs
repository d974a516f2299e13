//! Statements that change the session they run in, which is shared, so that others would run in it too.

use crate::Error;

/// What would leave the session different: an open transaction would keep all statements from being committed, a
/// setting would apply to all of them, and `COPY` waits for data that never comes.
const SESSION_STATEMENTS: [&str; 23] = [
    "ABORT",
    "BEGIN",
    "CLOSE",
    "COMMIT",
    "COPY",
    "DEALLOCATE",
    "DECLARE",
    "DISCARD",
    "END",
    "EXECUTE",
    "FETCH",
    "LISTEN",
    "LOAD",
    "LOCK",
    "MOVE",
    "PREPARE",
    "RELEASE",
    "RESET",
    "ROLLBACK",
    "SAVEPOINT",
    "SET",
    "START",
    "UNLISTEN",
];

/// Refuses such a statement. A few escapes remain (`set_config`, a function that takes a session's advisory lock), which
/// nobody uses by mistake.
pub(crate) fn refuse_session_statements(sql: &str) -> Result<(), Error> {
    let word = first_word(sql);
    let is_refused = SESSION_STATEMENTS.iter().any(|refused| word.eq_ignore_ascii_case(refused));
    if !is_refused {
        return Ok(());
    }
    Err(Error::invalid_statement(format!(
        "{} would change the session, which others share; each statement is its own transaction here",
        word.to_ascii_uppercase()
    )))
}

/// The first word after spaces and comments.
fn first_word(sql: &str) -> &str {
    let mut rest = sql;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ';' || c == '(');
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, rest)| rest);
        } else if let Some(comment) = rest.strip_prefix("/*") {
            rest = after_comment(comment);
        } else {
            let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
            return &rest[..end];
        }
    }
}

/// What follows a comment; comments nest.
fn after_comment(comment: &str) -> &str {
    let mut rest = comment;
    let mut depth = 1;
    while depth > 0 {
        let Some(position) = rest.find(['/', '*']) else { return "" };
        rest = &rest[position..];
        if let Some(inner) = rest.strip_prefix("/*") {
            (depth, rest) = (depth + 1, inner);
        } else if let Some(outer) = rest.strip_prefix("*/") {
            (depth, rest) = (depth - 1, outer);
        } else {
            rest = &rest[1..];
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::refuse_session_statements;

    #[test]
    fn what_changes_the_session_is_refused() {
        for sql in
            ["BEGIN", " begin;", "-- why\nSET x = 1", "/* a /* b */ c */ Copy t FROM STDIN", ";ROLLBACK"]
        {
            assert!(refuse_session_statements(sql).is_err(), "{sql}");
        }
    }

    #[test]
    fn everything_else_is_taken() {
        let statements = [
            "SELECT 1",
            "(SELECT 1)",
            "WITH x AS (SELECT 1) SELECT 1",
            "INSERT INTO set VALUES (1)",
            "VACUUM",
        ];
        for sql in statements.into_iter().chain([
            "",
            "--",
            "/* open",
            "beginning",
            "UPDATE t SET a = 1",
            "DO $$ BEGIN END $$",
        ]) {
            assert!(refuse_session_statements(sql).is_ok(), "{sql}");
        }
    }
}
