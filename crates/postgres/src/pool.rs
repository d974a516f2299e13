//! The connections of a database: which there are, and which one a statement gets.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::MutexGuard;
use tokio_util::sync::CancellationToken;

use crate::backend::STANDBY_WAIT;
use crate::connection::Connection;
use crate::{Error, ServerConfig};

/// How long something has to fail until the database is reported as unavailable.
pub(crate) const FAILING_LIMIT: Duration = Duration::from_secs(5);

/// How long it counts what a backend works on. Then the server is not there to be asked, which says more.
const KNOWN_LIMIT: Duration = Duration::from_secs(30);

/// One connection of so many is for group commits. With two of them the disk is busy while the next transaction is sent.
const CONNECTIONS_PER_GROUP_COMMIT: usize = 4;

/// Which connection a statement gets.
#[derive(Clone, Copy)]
pub(crate) enum Placement {
    /// When there are more statements than connections, the first connection that answers soon: statements that are sent and
    /// answered together cost the network, both processes and the scheduler a fraction of what each costs separately.
    Pipelined,
    /// The connection with the fewest statements: a commit waits for the disk, and those on one connection for each other.
    LeastLoaded,
}

/// A place for each connection. Reconnectors fill them.
pub(crate) struct Pool {
    config: ServerConfig,
    /// The last of them are for group commits.
    slots: Vec<Slot>,
    closed: CancellationToken,
    /// Cancelled, and replaced, when a server turns out to take no writes: none of the connections to it is of use any more.
    writable: Mutex<CancellationToken>,
    opened: AtomicU64,
    /// By slot: what the backend of its last connection works on, and since when that is known.
    at_work: Mutex<HashMap<usize, AtWork>>,
    /// Held by who asks once more for such a backend, over a connection that is one more than there are slots.
    asking: tokio::sync::Mutex<()>,
    /// Why the last connection was lost or could not be made.
    outage: Mutex<String>,
}

impl Pool {
    pub(crate) fn new(config: ServerConfig) -> Self {
        Self {
            slots: (0..config.connections.max(1)).map(|_| Slot::default()).collect(),
            closed: CancellationToken::new(),
            writable: Mutex::default(),
            opened: AtomicU64::new(0),
            at_work: Mutex::default(),
            asking: tokio::sync::Mutex::default(),
            outage: Mutex::default(),
            config,
        }
    }

    pub(crate) fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// Cancelled when the database is closed.
    pub(crate) fn closed(&self) -> &CancellationToken {
        &self.closed
    }

    /// Cancelled when a server that connections are made to from now on turns out to take no writes.
    pub(crate) fn writable(&self) -> CancellationToken {
        let mut writable = self.writable.lock();
        if writable.is_cancelled() {
            *writable = CancellationToken::new();
        }
        writable.clone()
    }

    pub(crate) fn size(&self) -> usize {
        self.slots.len()
    }

    /// The slots of connections for group commits.
    pub(crate) fn group_commit_slots(&self) -> std::ops::Range<usize> {
        self.slots.len() - self.slots.len() / CONNECTIONS_PER_GROUP_COMMIT..self.slots.len()
    }

    /// A connection for a statement that is a transaction of its own, while `statements` are in flight.
    pub(crate) fn connection(
        &self,
        placement: Placement,
        statements: usize,
    ) -> Result<Arc<Connection>, Error> {
        let slots = self.plain_slots();
        if let Placement::Pipelined = placement
            && statements > slots.len()
            && let Some(flowing) =
                slots.iter().filter_map(Slot::get).find(|connection| connection.in_flight().is_flowing())
        {
            return Ok(flowing);
        }
        // From the end, since pipelined statements fill the connections from the start.
        let loads = slots.iter().rev().filter_map(|slot| Some((slot.load()?, slot)));
        let least = loads.min_by_key(|(in_flight, _)| *in_flight);
        least.and_then(|(_, slot)| slot.get()).ok_or_else(|| Error::unavailable(self.outage()))
    }

    /// The connection of one slot, if there is one now.
    pub(crate) fn connection_at(&self, index: usize) -> Option<Arc<Connection>> {
        self.slots[index].get()
    }

    /// Whether a statement finds a connection now.
    pub(crate) fn is_up(&self) -> bool {
        self.plain_slots().iter().any(Slot::is_up)
    }

    /// How many connections there are now.
    pub(crate) fn up(&self) -> usize {
        self.slots.iter().filter(|slot| slot.is_up()).count()
    }

    /// How many connections were ever opened.
    pub(crate) fn opened(&self) -> u64 {
        self.opened.load(Ordering::Relaxed)
    }

    /// Puts a new connection into a slot.
    pub(crate) fn put(&self, index: usize, connection: Connection) {
        self.at_work.lock().remove(&index);
        self.slots[index].set(Some(Arc::new(connection)));
        self.opened.fetch_add(1, Ordering::Relaxed);
        // The next outage is logged again, even if it has the same reason.
        self.outage.lock().clear();
    }

    /// Takes the connection out of a slot.
    pub(crate) fn remove(&self, index: usize) {
        self.slots[index].set(None);
    }

    /// Notes that the backend of a slot's last connection still works.
    pub(crate) fn set_at_work(&self, index: usize, work: String) {
        let (mut at_work, now) = (self.at_work.lock(), Instant::now());
        let since = at_work.get(&index).map_or(now, |known| known.since);
        at_work.insert(index, AtWork { since, asked_at: now, work });
    }

    /// Waits for the turn to ask once more whether the backend of a slot's last connection still works.
    pub(crate) async fn turn_to_ask(&self, index: usize) -> Option<MutexGuard<'_, ()>> {
        let is_known = self.at_work.lock().contains_key(&index);
        if is_known { Some(self.asking.lock().await) } else { None }
    }

    /// That commits wait for a synchronous standby, if one has for long.
    pub(crate) fn standby_wait(&self) -> Option<String> {
        let at_work = self.at_work.lock();
        let mut waits =
            at_work.values().filter(|it| it.work == STANDBY_WAIT && it.asked_at.elapsed() < KNOWN_LIMIT);
        let is_long = waits.any(|it| it.since.elapsed() >= FAILING_LIMIT);
        is_long.then(|| format!("commits wait for a synchronous standby ({STANDBY_WAIT})"))
    }

    /// Logs an outage: one line, however many connections and attempts it has.
    pub(crate) fn report_outage(&self, reason: &str) {
        let mut last = self.outage.lock();
        if *last != reason {
            tracing::warn!("a database connection is down: {reason}");
            reason.clone_into(&mut last);
        }
    }

    /// Why there is no connection.
    pub(crate) fn outage(&self) -> String {
        let reason = self.outage.lock().clone();
        match (self.closed.is_cancelled(), reason.is_empty()) {
            (true, _) => "it is closed".to_owned(),
            (false, true) => "it is being connected to".to_owned(),
            (false, false) => reason,
        }
    }

    /// The slots of connections for statements that are transactions of their own.
    fn plain_slots(&self) -> &[Slot] {
        &self.slots[..self.group_commit_slots().start]
    }
}

/// What the backend of a lost connection works on.
struct AtWork {
    since: Instant,
    /// When the server said so last.
    asked_at: Instant,
    work: String,
}

/// Holds a connection while there is one.
#[derive(Default)]
struct Slot(Mutex<Option<Arc<Connection>>>);

impl Slot {
    /// The number of statements in flight on the connection, if there is one.
    fn load(&self) -> Option<usize> {
        self.0.lock().as_ref().map(|connection| connection.in_flight().count())
    }

    fn is_up(&self) -> bool {
        self.0.lock().is_some()
    }

    fn get(&self) -> Option<Arc<Connection>> {
        self.0.lock().clone()
    }

    fn set(&self, connection: Option<Arc<Connection>>) {
        *self.0.lock() = connection;
    }
}
