//! The task that keeps one slot of the pool filled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use waybill_backoff::Backoff;

use crate::connection::Connection;
use crate::connector::{Purpose, connect};
use crate::driver::Driver;
use crate::error::Chain;
use crate::pool::Pool;
use crate::probe;

const BACKOFF_LEAST: Duration = Duration::from_millis(100);
const BACKOFF_MOST: Duration = Duration::from_secs(5);
/// A connection that lived this long was a good one: the next attempt has the shortest wait again.
const SETTLED: Duration = Duration::from_secs(10);
/// The time that a connection gets to close.
const CLOSE_LIMIT: Duration = Duration::from_secs(1);

/// Keeps one slot filled until the database is closed.
pub(crate) struct Reconnector {
    pool: Arc<Pool>,
    index: usize,
    /// A connection that is in the slot already.
    ready: Option<Live>,
}

/// A connection in the pool, as its reconnector drives it.
struct Live {
    driver: Driver,
    writable: CancellationToken,
    discarded: CancellationToken,
}

impl Reconnector {
    /// A reconnector for slot `index`, which puts `first` into it at once.
    pub(crate) fn new(pool: Arc<Pool>, index: usize, first: Option<(Client, Driver)>) -> Self {
        let ready = first.map(|connected| Live::new(&pool, index, connected, pool.writable()));
        Self { pool, index, ready }
    }

    pub(crate) async fn run(self) {
        let Self { pool, index, mut ready } = self;
        let mut backoff = Backoff::new(BACKOFF_LEAST, BACKOFF_MOST);
        while !pool.closed().is_cancelled() {
            let connected = if let Some(ready) = ready.take() {
                Ok(ready)
            } else {
                let purpose = Purpose {
                    statement_limit: Some(pool.config().statement_limit),
                    checks_pooling: pool.opened() == 0,
                };
                let writable = pool.writable();
                tokio::select! {
                    connected = connect(pool.config(), purpose) => {
                        connected.map(|connected| Live::new(&pool, index, connected, writable))
                    }
                    () = pool.closed().cancelled() => return,
                }
            };
            match connected {
                Ok(live) => {
                    let since = Instant::now();
                    live.drive(&pool, index).await;
                    if since.elapsed() > SETTLED {
                        backoff.reset();
                    }
                }
                Err(error) => pool.report_outage(&Chain(&error).to_string()),
            }
            tokio::select! {
                () = sleep(backoff.next_delay()) => {}
                () = pool.closed().cancelled() => {}
            }
        }
    }
}

impl Live {
    /// Puts a connection into the pool.
    fn new(
        pool: &Pool,
        index: usize,
        (client, driver): (Client, Driver),
        writable: CancellationToken,
    ) -> Self {
        let connection = Connection::new(client, writable.clone());
        let discarded = connection.discarded();
        pool.put(index, connection);
        Self { driver, writable, discarded }
    }

    /// Drives the connection while it lives, and removes it from the pool afterwards.
    async fn drive(mut self, pool: &Pool, index: usize) {
        tokio::select! {
            end = &mut self.driver => {
                pool.remove(index);
                if !pool.closed().is_cancelled() {
                    pool.report_outage(&end.unwrap_or_else(|| "the connection was closed".to_owned()));
                }
            }
            () = self.discarded.cancelled() => {
                pool.remove(index);
                pool.report_outage("a statement was not answered in time");
            }
            reason = probe::watch(pool, index) => {
                pool.remove(index);
                pool.report_outage(&reason);
            }
            () = self.writable.cancelled() => {
                pool.remove(index);
                pool.report_outage("the database is read-only");
                // Those in flight are answered: a read may still be, and a write is refused.
                let _ = timeout(CLOSE_LIMIT, self.driver).await;
            }
            () = pool.closed().cancelled() => {
                pool.remove(index);
                // Running statements hold the client: the connection closes when the last one has ended.
                let _ = timeout(CLOSE_LIMIT, self.driver).await;
            }
        }
    }
}
