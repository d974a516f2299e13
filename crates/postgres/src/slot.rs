//! A place for one connection, and the task that keeps it filled.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use tokio_postgres::Client;
use tokio_util::sync::CancellationToken;
use waybill_backoff::Backoff;

use crate::connection::Connection;
use crate::connector::{Driver, connect};
use crate::database::Inner;

const BACKOFF_LEAST: Duration = Duration::from_millis(100);
const BACKOFF_MOST: Duration = Duration::from_secs(5);
/// A connection that lived this long was a good one: the next attempt starts without a wait.
const SETTLED: Duration = Duration::from_secs(10);
/// The time that a connection gets to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);

/// Holds a connection while there is one.
#[derive(Default)]
pub(crate) struct Slot(Mutex<Option<Arc<Connection>>>);

impl Slot {
    /// The number of statements in flight on the connection, if there is one.
    pub(crate) fn load(&self) -> Option<usize> {
        self.lock().as_ref().map(|connection| connection.in_flight.count())
    }

    /// Whether there is a connection.
    pub(crate) fn is_up(&self) -> bool {
        self.lock().is_some()
    }

    /// The connection.
    pub(crate) fn get(&self) -> Option<Arc<Connection>> {
        self.lock().clone()
    }

    pub(crate) fn put(&self, connection: Connection) {
        *self.lock() = Some(Arc::new(connection));
    }

    pub(crate) fn empty(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Connection>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is on offer, as its keeper sees it.
pub(crate) struct Offered {
    driver: Driver,
    discard: CancellationToken,
}

/// Puts a connection into slot `index`, for statements to find.
pub(crate) fn offer(inner: &Inner, index: usize, (client, driver): (Client, Driver)) -> Offered {
    let connection = Connection::new(client);
    let discard = connection.discard.clone();
    inner.slots[index].put(connection);
    inner.opened.fetch_add(1, Ordering::Relaxed);
    inner.tell_up();
    Offered { driver, discard }
}

/// Keeps slot `index` filled until the database is closed. `ready` is a connection that is on offer already.
pub(crate) async fn keep(inner: Arc<Inner>, index: usize, mut ready: Option<Offered>) {
    let mut backoff = Backoff::new(BACKOFF_LEAST, BACKOFF_MOST);
    while !inner.stop.is_cancelled() {
        let connected = if let Some(ready) = ready.take() {
            Ok(ready)
        } else {
            let limit = Some(inner.statement_limit);
            tokio::select! {
                connected = connect(&inner.config, limit) => connected.map(|connected| offer(&inner, index, connected)),
                () = inner.stop.cancelled() => return,
            }
        };
        match connected {
            Ok(offered) => {
                let since = Instant::now();
                live(&inner, index, offered).await;
                if since.elapsed() > SETTLED {
                    backoff.reset();
                }
            }
            Err(error) => inner.tell_down(&error.to_string()),
        }
        tokio::select! {
            () = sleep(backoff.next_delay()) => {}
            () = inner.stop.cancelled() => {}
        }
    }
}

/// Drives a connection for as long as it lives, and takes it off the offer afterwards.
async fn live(inner: &Inner, index: usize, Offered { mut driver, discard }: Offered) {
    tokio::select! {
        end = &mut driver => {
            inner.slots[index].empty();
            if !inner.stop.is_cancelled() {
                inner.tell_down(&end.unwrap_or_else(|| "the connection was closed".to_owned()));
            }
        }
        () = discard.cancelled() => {
            inner.slots[index].empty();
            inner.tell_down("a statement was not answered in time");
        }
        () = inner.stop.cancelled() => {
            inner.slots[index].empty();
            // Statements in hand hold the client: the goodbye is said when the last one has ended.
            let _ = timeout(GOODBYE, driver).await;
        }
    }
}
