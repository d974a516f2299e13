//! The server's process behind a connection, which may outlive it.
//!
//! A process that waits for a synchronous standby takes note neither of a time limit nor of a closed connection. Each connection that
//! was replaced meanwhile would leave another one, until the server has no more.

use tokio_postgres::Client;

/// The wait event of a commit that no synchronous standby has confirmed.
pub(crate) const STANDBY_WAIT: &str = "SyncRep";

/// What a process is at that its time limit does not end. One that waits for its client has done its work: it, or the network to it,
/// is given up.
const AT_WORK: &str = "SELECT coalesce(wait_event, 'running') FROM pg_stat_activity \
    WHERE pid = $1 AND extract(epoch FROM backend_start)::text = $2 \
    AND state = 'active' AND wait_event_type IS DISTINCT FROM 'Client' \
    AND (wait_event = 'SyncRep' OR clock_timestamp() - query_start >= current_setting('statement_timeout')::interval)";

/// A process of a server. Another server, or the same after a restart, has none of this number and start.
#[derive(Clone, Debug)]
pub(crate) struct Backend {
    pub(crate) pid: i32,
    /// In seconds since 1970, as text.
    pub(crate) started: Option<String>,
}

impl Backend {
    /// What the process waits for, or `running`, if it still works on a statement that no time
    /// limit ends.
    pub(crate) async fn work(&self, client: &Client) -> Result<Option<String>, tokio_postgres::Error> {
        let rows = client.query(AT_WORK, &[&self.pid, &self.started]).await?;
        rows.first().map(|row| row.try_get(0)).transpose()
    }
}
