//! What the targets in `fuzz/` see of this crate.

use crate::{Error, ServerConfig, guard};

/// Refuses a statement that would change the session.
pub fn refuse_session_statements(sql: &str) -> Result<(), Error> {
    guard::refuse_session_statements(sql)
}

/// What a URL means to the library; it may not have the hosts.
pub fn parsed(config: &ServerConfig) -> &tokio_postgres::Config {
    &config.servers.postgres
}

/// What the log shows of a server.
pub fn address(config: &ServerConfig) -> String {
    config.address()
}
