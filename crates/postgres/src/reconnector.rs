//! The task that keeps one slot of the pool filled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use waybill_backoff::Backoff;

use crate::backend::Backend;
use crate::connection::Connection;
use crate::connector::{Connected, Purpose, connect};
use crate::driver::{Driver, while_driven};
use crate::error::Chain;
use crate::pool::Pool;
use crate::probe;

const BACKOFF_LEAST: Duration = Duration::from_millis(100);
const BACKOFF_MOST: Duration = Duration::from_secs(5);
/// A connection that lived this long was a good one: the next attempt has the shortest wait again.
const SETTLED: Duration = Duration::from_secs(10);
/// The time that the question for the last connection's backend gets.
const ASK_LIMIT: Duration = Duration::from_secs(3);
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
    backend: Backend,
    writable: CancellationToken,
    discarded: CancellationToken,
}

impl Reconnector {
    /// A reconnector for slot `index`, which puts `first` into it at once.
    pub(crate) fn new(pool: Arc<Pool>, index: usize, first: Option<Connected>) -> Self {
        let ready = first.map(|connected| Live::new(&pool, index, connected, pool.writable()));
        Self { pool, index, ready }
    }

    pub(crate) async fn run(self) {
        let Self { pool, index, mut ready } = self;
        let mut backoff = Backoff::new(BACKOFF_LEAST, BACKOFF_MOST);
        let mut last = None;
        while !pool.closed().is_cancelled() {
            let connected = if let Some(ready) = ready.take() {
                Ok(ready)
            } else {
                tokio::select! {
                    connected = connect_anew(&pool, index, last.as_ref()) => connected,
                    () = pool.closed().cancelled() => return,
                }
            };
            match connected {
                Ok(live) => {
                    let since = Instant::now();
                    last = Some(live.backend.clone());
                    live.drive(&pool, index).await;
                    if since.elapsed() > SETTLED {
                        backoff.reset();
                    }
                }
                Err(reason) => pool.report_outage(&reason),
            }
            tokio::select! {
                () = sleep(backoff.next_delay()) => {}
                () = pool.closed().cancelled() => {}
            }
        }
    }
}

/// Connects and puts the connection into its slot, unless the server still works for the last one beyond its time limit: there would be
/// ever more of them.
async fn connect_anew(pool: &Pool, index: usize, last: Option<&Backend>) -> Result<Live, String> {
    let _turn = pool.turn_to_ask(index).await;
    let purpose =
        Purpose { statement_limit: Some(pool.config().statement_limit), checks_pooling: pool.opened() == 0 };
    let writable = pool.writable();
    let mut connected = connect(pool.config(), purpose).await.map_err(|error| Chain(&error).to_string())?;
    if let Some(last) = last {
        let asked = timeout(ASK_LIMIT, last.work(&connected.client));
        let asked = while_driven(&mut connected.driver, asked).await.map_err(|error| error.to_string())?;
        let work = asked.map_err(|_| format!("no answer within {ASK_LIMIT:?}"))?;
        if let Some(work) = work.map_err(|error| Chain(&error).to_string())? {
            let reason =
                format!("the server still works on a statement that was not answered in time ({work})");
            pool.set_at_work(index, work);
            return Err(reason);
        }
    }
    Ok(Live::new(pool, index, connected, writable))
}

impl Live {
    /// Puts a connection into the pool.
    fn new(pool: &Pool, index: usize, connected: Connected, writable: CancellationToken) -> Self {
        let Connected { client, driver, backend } = connected;
        let connection = Connection::new(client, writable.clone());
        let discarded = connection.discarded();
        pool.put(index, connection);
        Self { driver, backend, writable, discarded }
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
