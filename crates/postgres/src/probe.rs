//! The probe of a connection: without it, an outage shows only when a request fails.
//!
//! The kernel of a server whose processes stand still acknowledges packets, so nothing breaks a connection to it; and a server that
//! was made read-only closes none. A process without requests would stay ready before both.

use std::time::Duration;

use tokio::time::{sleep, timeout};

use crate::ServerConfig;
use crate::connection::{Connection, ResultTypes, borrowed};
use crate::connector::answers;
use crate::pool::Pool;

/// How long a connection is idle before it is probed. Answered statements show as much as a probe.
const INTERVAL: Duration = Duration::from_secs(5);

/// How long an idle connection may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(3);

/// The longest time that a probe waits behind other statements. Longer ones may be at work or stand still.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a server answers without a look at any table. It is true on a standby too.
const IS_READ_ONLY: &str = "SELECT current_setting('transaction_read_only') = 'on'";

/// Probes the connection in slot `index` while it is idle, and ends with the reason when it does not answer. Of a server that takes no
/// writes it ends all connections.
pub(crate) async fn watch(pool: &Pool, index: usize) -> String {
    loop {
        sleep(INTERVAL).await;
        let Some(connection) = pool.connection_at(index) else { continue };
        // Reads do not show whether writes are taken, so one connection is asked beside them.
        let asks_for_writes = index == 0 && pool.config().writes;
        if !asks_for_writes && connection.in_flight().is_active_within(INTERVAL) {
            continue;
        }
        let statement_limit = pool.config().statement_limit;
        // The answer comes after those of the statements before it, each of which may take its time.
        let is_idle = connection.in_flight().count() == 0;
        if !is_idle && statement_limit > PATIENCE {
            let config = ServerConfig { connect_limit: ANSWER_LIMIT, ..pool.config().clone() };
            if !answers(&config).await {
                return format!("no answer to a new connection within {ANSWER_LIMIT:?}");
            }
            continue;
        }
        let limit = if is_idle { ANSWER_LIMIT.min(statement_limit) } else { statement_limit };
        match timeout(limit, is_read_only(&connection)).await {
            Ok(Some(true)) if pool.config().writes => connection.take_for_read_only(),
            Ok(_) => {}
            Err(_) => return format!("no answer within {limit:?}"),
        }
    }
}

/// `None` if the answer is an error. That of a lost connection is seen by those who drive it.
async fn is_read_only(connection: &Connection) -> Option<bool> {
    // It is not counted as in flight, or it would be the traffic that stands for the next probe.
    let answer = connection.attempt(IS_READ_ONLY, ResultTypes::Any, borrowed(&[])).await.ok()?;
    answer.rows.first()?.try_get(0).ok()
}
