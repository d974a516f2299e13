//! Settings of PostgreSQL that every session of a database has from its start.

use std::fmt;
use std::time::Duration;

use thiserror::Error;
use tokio_postgres::Client;
use tokio_postgres::types::Type;

/// Sets all of them in one round trip. As parameters, the values are neither in this program's log nor in the server's
/// list of running statements, where others could read them. Rows are set in their order: the last of a name counts.
const APPLY: &str =
    "SELECT count(set_config(given.name, given.value, false)) FROM unnest($1, $2) AS given (name, value)";

/// Settings by their names, such as `work_mem` or a custom one of two words: `waybill.events_token`.
///
/// A custom setting gives the statements of a component something that no table holds. Values may be secrets, so they are never
/// shown: not by `Debug`, not in errors.
#[derive(Clone, Default)]
pub struct SessionSettings(Vec<(String, String)>);

impl SessionSettings {
    /// Adds a setting. PostgreSQL checks it when a connection is made, which then fails for a name or a value that it does
    /// not take.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// These settings and a limit on the time of each statement, as far as the server enforces it.
    pub(crate) fn with_statement_timeout(&self, limit: Option<Duration>) -> Self {
        let mut settings = self.clone();
        if let Some(limit) = limit {
            settings.set("statement_timeout", limit.as_millis().max(1).to_string());
        }
        settings
    }

    /// Applies them to a client's session. Once the future is polled, the statement is sent, ahead of everything that comes after.
    pub(crate) async fn apply(&self, client: &Client) -> Result<(), ApplyError> {
        if self.0.is_empty() {
            return Ok(());
        }
        let (names, values): (Vec<&str>, Vec<&str>) =
            self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).unzip();
        match client.query_typed(APPLY, &[(&names, Type::TEXT_ARRAY), (&values, Type::TEXT_ARRAY)]).await {
            Ok(_) => Ok(()),
            Err(error) => Err(self.refusal(error)),
        }
    }

    /// The server's own words quote the value that they refuse, so they are kept only where the server speaks of itself:
    /// connection, resources, operator intervention, system.
    fn refusal(&self, error: tokio_postgres::Error) -> ApplyError {
        match error.code().map(tokio_postgres::error::SqlState::code) {
            Some(code) if !matches!(&code[..2], "08" | "53" | "57" | "58") => {
                ApplyError::Refused { code: code.to_owned(), names: self.names() }
            }
            _ => ApplyError::Failed(error),
        }
    }

    fn names(&self) -> String {
        self.0.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Why a session has not the settings.
#[derive(Debug, Error)]
pub(crate) enum ApplyError {
    #[error("the server refused the session's settings (SQLSTATE {code}), which are {names}")]
    Refused { code: String, names: String },
    #[error("the session's settings could not be applied")]
    Failed(#[source] tokio_postgres::Error),
}

impl fmt::Debug for SessionSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "SessionSettings({})", self.names())
    }
}

#[cfg(test)]
mod tests {
    use super::SessionSettings;

    #[test]
    fn the_values_are_not_shown() {
        let mut settings = SessionSettings::default();
        settings.set("waybill.events_token", "geheim");
        assert_eq!(format!("{settings:?}"), "SessionSettings(waybill.events_token)");
    }
}
