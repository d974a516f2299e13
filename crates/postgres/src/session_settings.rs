//! Settings of PostgreSQL that every session of a database has from its start.

use std::fmt;
use std::time::Duration;

use thiserror::Error;
use tokio_postgres::Client;
use tokio_postgres::types::Type;
use waybill_contracts::sql::SESSION_SETTINGS;

use crate::backend::Backend;
use crate::target::ServerState;

/// Sets all of them and asks what the server and the session's backend are, in one round trip. As parameters, the values are neither
/// in this program's log nor in the server's list of running statements, where others could read them. Rows are set in their order:
/// the last of a name counts. Two settings are not known to every version. `remote_apply` is kept.
const APPLY: &str = "SELECT count(set_config(given.name, CASE \
    WHEN given.name = 'synchronous_commit' AND current_setting('synchronous_commit') = 'remote_apply' \
    THEN 'remote_apply' ELSE given.value END, false)), \
    current_setting('server_encoding'), pg_is_in_recovery(), current_setting('transaction_read_only') = 'on', \
    pg_backend_pid(), \
    (SELECT extract(epoch FROM backend_start)::text FROM pg_stat_activity WHERE pid = pg_backend_pid()) \
    FROM unnest($1, $2) AS given (name, value) \
    WHERE given.name NOT IN ('idle_session_timeout', 'transaction_timeout') \
    OR current_setting(given.name, true) IS NOT NULL";

/// Further time limits that are off, in versions that know them: the one of a statement is the only one, and a session ends when its
/// client says so.
const NO_LIMITS: [(&str, &str); 2] = [("idle_session_timeout", "0"), ("transaction_timeout", "0")];

/// Settings by their names, such as `work_mem` or a custom one of two words: `waybill.events_token`.
///
/// A custom setting gives the statements of a component something that no table holds. Values may be secrets, so they are never
/// shown: not by `Debug`, not in errors.
///
/// Some are the same in every session, whatever the database, the role, the URL or these settings say, since promises and results
/// depend on them: `synchronous_commit` is `on` (`remote_apply` stays), `default_transaction_isolation` is `read committed`,
/// `client_min_messages` is `warning`, `lock_timeout`, `idle_session_timeout` and `transaction_timeout` are off, and so are
/// differences in how text is read and written (`TimeZone`, `DateStyle`, `IntervalStyle`, `bytea_output`, `extra_float_digits`,
/// `standard_conforming_strings`, `transform_null_equals`). `search_path` and `row_security` are the operator's, and
/// `default_transaction_read_only` says that a database takes no writes.
#[derive(Clone, Default)]
pub struct SessionSettings(Vec<(String, String)>);

impl SessionSettings {
    /// Adds a setting. PostgreSQL checks it when a connection is made, which then fails for a name or a value that it does
    /// not take.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// These settings, those that every session has, and a limit on the time of each statement, as far as the server enforces it.
    pub(crate) fn of_session(&self, limit: Option<Duration>) -> Self {
        let mut settings = self.clone();
        for (name, value) in SESSION_SETTINGS.into_iter().chain(NO_LIMITS) {
            settings.set(name, value);
        }
        // A commit whose wait for a standby was cancelled is known by a warning (driver.rs).
        settings.set("client_min_messages", "warning");
        settings.set("statement_timeout", limit.map_or(0, |limit| limit.as_millis().max(1)).to_string());
        settings
    }

    /// Applies them to a client's session. Once the future is polled, the statement is sent, ahead of everything that comes after.
    pub(crate) async fn apply(&self, client: &Client) -> Result<(ServerState, Backend), ApplyError> {
        let (names, values): (Vec<&str>, Vec<&str>) =
            self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).unzip();
        let parameters = [(&names as _, Type::TEXT_ARRAY), (&values as _, Type::TEXT_ARRAY)];
        let rows = client.query_typed(APPLY, &parameters).await.map_err(|error| self.refusal(error))?;
        let row = rows.first().ok_or(ApplyError::NoAnswer)?;
        let encoding: &str = row.try_get(1).map_err(ApplyError::Failed)?;
        if encoding != "UTF8" {
            return Err(ApplyError::Encoding(encoding.to_owned()));
        }
        let state = ServerState {
            in_recovery: row.try_get(2).map_err(ApplyError::Failed)?,
            read_only: row.try_get(3).map_err(ApplyError::Failed)?,
        };
        let backend = Backend {
            pid: row.try_get(4).map_err(ApplyError::Failed)?,
            started: row.try_get(5).map_err(ApplyError::Failed)?,
        };
        Ok((state, backend))
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

/// Why a session cannot be used.
#[derive(Debug, Error)]
pub(crate) enum ApplyError {
    #[error("the server refused the session's settings (SQLSTATE {code}), which are {names}")]
    Refused { code: String, names: String },
    #[error("the session's settings could not be applied")]
    Failed(#[source] tokio_postgres::Error),
    #[error("the session's settings were not answered")]
    NoAnswer,
    #[error(
        "the encoding of the database is {0}, which cannot hold every name and text; \
         create it anew, with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
    )]
    Encoding(String),
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
