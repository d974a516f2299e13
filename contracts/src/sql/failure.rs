//! Errors as `query-error` carries them. The WIT has no case for an unavailable database or a violated constraint, so the text of
//! `unexpected` tells them apart; it is written and parsed only here.

use std::fmt;

use super::SqlFault;

const UNAVAILABLE: &str = "database unavailable: ";
const REFUSED: &str = "SQLSTATE ";

/// The steps that the plugin of wasmCloud 2 names before a failure (`wash-runtime/src/plugin/wasmcloud_postgres`).
const PLUGIN: [&str; 6] = [
    "query failed",
    "failed to collect rows",
    "execute failed",
    "batch execution failed",
    "prepare failed",
    "re-prepare failed",
];

/// What `tokio-postgres`, which that plugin uses, says of a connection that is lost, cannot be made or is out of step.
const LOST: [&str; 7] = [
    "connection closed",
    "error communicating with the server",
    "error connecting to server",
    "error performing TLS handshake",
    "error parsing response from server",
    "timeout waiting for server",
    "unexpected message from server",
];

/// A `query-error` of the WIT.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the cases are those of the WIT")]
pub enum QueryFailure {
    InvalidParams(String),
    InvalidQuery(String),
    Unexpected(String),
}

impl QueryFailure {
    /// The database cannot be reached, or is too busy.
    pub fn unavailable(reason: &str) -> Self {
        Self::Unexpected(Unexpected::Unavailable(reason).to_string())
    }

    /// The database refused a statement.
    pub fn refused(sqlstate: &str, message: &str, constraint: Option<&str>) -> Self {
        let refused = Unexpected::Refused { sqlstate, message, constraint }.to_string();
        match SqlFault::of(sqlstate) {
            SqlFault::Server => Self::unavailable(&refused),
            SqlFault::Parameters => Self::InvalidParams(refused),
            SqlFault::Statement | SqlFault::Schema => Self::InvalidQuery(refused),
            SqlFault::Other => Self::Unexpected(refused),
        }
    }

    /// Classifies the failure by its text, which is more reliable than its case: the plugin of wasmCloud 2 gives most failures of a
    /// statement as `invalid-query`, such as `query failed: 57P01: terminating connection due to administrator command`.
    #[must_use]
    pub fn by_its_text(self) -> Self {
        let (Self::InvalidParams(text) | Self::InvalidQuery(text) | Self::Unexpected(text)) = &self;
        let Some(reason) = PLUGIN.iter().find_map(|step| text.strip_prefix(step)?.strip_prefix(": ")) else {
            return self;
        };
        match reason.split_once(": ") {
            Some((sqlstate, message)) if is_sqlstate(sqlstate) => Self::refused(sqlstate, message, None),
            _ if LOST.iter().any(|lost| reason.starts_with(lost)) => Self::unavailable(reason),
            _ => self,
        }
    }

    /// Whether the database lacks what the statement names, such as a table or a privilege: [`SqlFault::Schema`].
    pub fn is_of_the_schema(&self) -> bool {
        matches!(self, Self::InvalidQuery(text) if matches!(
            Unexpected::parse(text),
            Unexpected::Refused { sqlstate, .. } if SqlFault::of(sqlstate) == SqlFault::Schema
        ))
    }

    /// Whether the database could not be reached, or was too busy.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unexpected(text) if matches!(Unexpected::parse(text), Unexpected::Unavailable(_)))
    }
}

impl fmt::Display for QueryFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidParams(text) => write!(out, "invalid parameters: {text}"),
            Self::InvalidQuery(text) => write!(out, "invalid query: {text}"),
            Self::Unexpected(text) => out.write_str(text),
        }
    }
}

fn is_sqlstate(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
}

/// The text of `query-error.unexpected`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unexpected<'a> {
    /// The database cannot be reached, or is too busy. Also any text that is not one of a refusal.
    Unavailable(&'a str),
    /// The database refused the statement.
    #[allow(missing_docs, reason = "the names are PostgreSQL's")]
    Refused { sqlstate: &'a str, message: &'a str, constraint: Option<&'a str> },
}

impl<'a> Unexpected<'a> {
    /// Reads a text. Hosts that give no SQLSTATE give PostgreSQL's English words for a violated constraint.
    pub fn parse(text: &'a str) -> Self {
        if let Some(reason) = text.strip_prefix(UNAVAILABLE) {
            return Self::Unavailable(reason);
        }
        let refusal = text.strip_prefix(REFUSED).and_then(|rest| rest.split_once(": "));
        match refusal {
            Some((sqlstate, message)) => {
                let (message, constraint) = constraint(message);
                Self::Refused { sqlstate, message, constraint }
            }
            None if text.contains(" violates ") => {
                let (message, constraint) = constraint(text);
                Self::Refused { sqlstate: "23000", message, constraint }
            }
            None => Self::Unavailable(text),
        }
    }

    /// Whether a constraint forbids the statement's effect: class 23 of the SQLSTATEs.
    pub fn is_violation(&self) -> bool {
        matches!(self, Self::Refused { sqlstate, .. } if sqlstate.starts_with("23"))
    }

    /// Whether the constraint of this name forbids the statement's effect.
    pub fn violates(&self, name: &str) -> bool {
        self.is_violation()
            && matches!(self, Self::Refused { constraint: Some(constraint), .. } if *constraint == name)
    }
}

/// Separates the message from the name of the constraint, which PostgreSQL's English messages quote and [`Unexpected`] adds to
/// others.
fn constraint(message: &str) -> (&str, Option<&str>) {
    match added_constraint(message) {
        Some((message, name)) => (message, Some(name)),
        None => (message, quoted_constraint(message)),
    }
}

fn added_constraint(message: &str) -> Option<(&str, &str)> {
    message.strip_suffix(')')?.rsplit_once(" (constraint ")
}

fn quoted_constraint(message: &str) -> Option<&str> {
    let (_, rest) = message.rsplit_once("constraint \"")?;
    rest.split_once('"').map(|(name, _)| name)
}

impl fmt::Display for Unexpected<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(reason) => write!(out, "{UNAVAILABLE}{reason}"),
            Self::Refused { sqlstate, message, constraint } => {
                write!(out, "{REFUSED}{sqlstate}: {message}")?;
                let is_said =
                    |name| added_constraint(message).is_none() && quoted_constraint(message) == Some(name);
                match constraint {
                    Some(name) if !is_said(*name) => write!(out, " (constraint {name})"),
                    _ => Ok(()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let duplicate = "duplicate key value violates unique constraint \"one_per_order\"";
        for (unexpected, text) in [
            (Unexpected::Unavailable("no route"), "database unavailable: no route"),
            (
                Unexpected::Refused {
                    sqlstate: "23505",
                    message: duplicate,
                    constraint: Some("one_per_order"),
                },
                "SQLSTATE 23505: duplicate key value violates unique constraint \"one_per_order\"",
            ),
            (
                Unexpected::Refused {
                    sqlstate: "23505",
                    message: "doppelt",
                    constraint: Some("one_per_order"),
                },
                "SQLSTATE 23505: doppelt (constraint one_per_order)",
            ),
            // A message may repeat what a client wrote.
            (
                Unexpected::Refused {
                    sqlstate: "23505",
                    message: "constraint \"one_per_order\" is broken by x (constraint y)",
                    constraint: Some("one_per_order"),
                },
                "SQLSTATE 23505: constraint \"one_per_order\" is broken by x (constraint y) (constraint one_per_order)",
            ),
            (
                Unexpected::Refused { sqlstate: "40001", message: "could not serialize", constraint: None },
                "SQLSTATE 40001: could not serialize",
            ),
        ] {
            assert_eq!(unexpected.to_string(), text);
            assert_eq!(Unexpected::parse(text), unexpected);
        }
    }

    #[test]
    fn other_hosts_give_the_words_of_the_server() {
        let text = "db error: ERROR: duplicate key value violates unique constraint \"one_per_order\"";
        assert!(Unexpected::parse(text).violates("one_per_order"));
        assert!(!Unexpected::parse(text).violates("one_per"));
        let unavailable = Unexpected::parse("connection closed");
        assert_eq!(unavailable, Unexpected::Unavailable("connection closed"));
        assert!(!Unexpected::parse("database unavailable: violates \"one_per_order\"").is_violation());
    }

    #[test]
    fn the_sqlstate_decides_the_case() {
        let refused = |sqlstate| QueryFailure::refused(sqlstate, "message", None);
        assert_eq!(refused("22003"), QueryFailure::InvalidParams("SQLSTATE 22003: message".into()));
        assert_eq!(refused("42P01"), QueryFailure::InvalidQuery("SQLSTATE 42P01: message".into()));
        assert_eq!(refused("23514"), QueryFailure::Unexpected("SQLSTATE 23514: message".into()));
        for sqlstate in ["08006", "53300", "55006", "57014", "58030", "F0001", "XX001", "25006"] {
            assert!(refused(sqlstate).is_unavailable(), "{sqlstate}");
        }
        for sqlstate in ["42501", "42P01", "42703", "42704", "42883", "3F000"] {
            assert!(
                refused(sqlstate).is_of_the_schema() && !refused(sqlstate).is_unavailable(),
                "{sqlstate}"
            );
        }
        for sqlstate in ["42601", "22003", "23505", "40001", "53100"] {
            assert!(!refused(sqlstate).is_of_the_schema(), "{sqlstate}");
        }
        assert!(!refused("40001").is_unavailable());
    }

    #[test]
    fn the_text_of_a_plugin_says_more_than_its_case() {
        for unavailable in [
            "query failed: connection closed",
            "query failed: error communicating with the server",
            "query failed: timeout waiting for server",
            "query failed: 57P01: terminating connection due to administrator command",
            "query failed: 57P02: terminating connection because of crash of another server process",
            "query failed: 57P03: the database system is starting up",
            "query failed: 57014: canceling statement due to statement timeout",
            "query failed: 08006: connection failure",
            "query failed: 53300: sorry, too many clients already",
            "query failed: 25006: cannot execute INSERT in a read-only transaction",
            "failed to collect rows: error communicating with the server",
            "execute failed: connection closed",
        ] {
            for failure in [QueryFailure::InvalidQuery, QueryFailure::Unexpected] {
                assert!(failure(unavailable.to_owned()).by_its_text().is_unavailable(), "{unavailable}");
            }
        }
        let invalid = |text: &str| QueryFailure::InvalidQuery(text.to_owned()).by_its_text();
        assert_eq!(
            invalid("query failed: 42P01: relation \"orders\" does not exist"),
            QueryFailure::InvalidQuery("SQLSTATE 42P01: relation \"orders\" does not exist".into())
        );
        assert_eq!(
            invalid("query failed: 22003: integer out of range"),
            QueryFailure::InvalidParams("SQLSTATE 22003: integer out of range".into())
        );
        let violated = "duplicate key value violates unique constraint \"one_per_order\"";
        let QueryFailure::Unexpected(text) = invalid(&format!("failed to collect rows: 23505: {violated}"))
        else {
            panic!("a violation")
        };
        assert!(Unexpected::parse(&text).violates("one_per_order"));
        // A fault of the statement, and texts of other hosts, stay what they are.
        for kept in ["query failed: error serializing parameter 0", "57P01: x", "connection closed"] {
            assert_eq!(invalid(kept), QueryFailure::InvalidQuery(kept.to_owned()));
        }
    }
}
