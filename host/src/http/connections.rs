//! The open connections of a process: how many there may be, and which of them are closed first where there is no more room.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::connection::{Buffer, Connection};

/// The most connections that are closed together, so that a flood of new ones does not search for each of them.
const BATCH: usize = 32;

/// Connections of an admin address.
pub const OPERATORS: usize = 64;

/// How often connections are checked against the limits on their time.
const CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// How long to wait for a connection to end before it is checked again whether one can be closed.
const FULL_PAUSE: Duration = Duration::from_millis(100);

/// The limits of connections that share one budget. `docs/limits.md` has the sum.
#[derive(Clone, Debug)]
pub struct ConnectionLimits {
    /// Open connections.
    pub connections: usize,
    /// Those of one address, or of one IPv6 network of 64 bits.
    pub per_address: usize,
    /// Event streams of one address.
    pub streams_per_address: usize,
    /// What heads beyond a connection's first buffer and bodies may hold together, in bytes; and as much again for answers.
    pub buffer_bytes: usize,
    /// Addresses without a share of their own, whose connections are closed last; loopback is always one.
    pub trusted: Vec<IpAddr>,
}

/// The open connections of all listeners that share these limits. Cheap to clone.
#[derive(Clone)]
pub struct Connections(Arc<Shared>);

struct Shared {
    limits: ConnectionLimits,
    open: Mutex<Open>,
    held: [AtomicUsize; 2],
    ended: Notify,
    checks: Once,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Arc<Connection>>,
    shares: HashMap<IpAddr, Share>,
}

#[derive(Default)]
struct Share {
    connections: usize,
    streams: usize,
}

/// The place of one connection, until it is dropped.
pub(super) struct Place {
    pub(super) connection: Arc<Connection>,
    connections: Connections,
    id: u64,
}

impl Connections {
    pub fn new(mut limits: ConnectionLimits) -> Self {
        limits.trusted.iter_mut().for_each(|address| *address = network(*address));
        Self(Arc::new(Shared {
            limits,
            open: Mutex::default(),
            held: Default::default(),
            ended: Notify::new(),
            checks: Once::new(),
        }))
    }

    /// For an admin address: few connections of its own, which no flood on another listener takes.
    pub fn of_operators() -> Self {
        Self::new(ConnectionLimits {
            connections: OPERATORS,
            per_address: OPERATORS,
            streams_per_address: 0,
            buffer_bytes: 2 << 20,
            trusted: Vec::new(),
        })
    }

    /// A place for a new connection. Where there is none, the connection that has waited longest for its client is closed for it, of the
    /// same address if that has its share. `None` if the address has its share and all of them are at work.
    pub(super) async fn admit(&self, address: IpAddr) -> Option<Place> {
        self.0.checks.call_once(|| {
            tokio::spawn(check_times(Arc::downgrade(&self.0)));
        });
        let (limits, address) = (&self.0.limits, network(address));
        let trusted = address.is_loopback() || limits.trusted.contains(&address);
        loop {
            let ended = self.0.ended.notified();
            {
                let mut open = self.0.open.lock();
                let has_share = open.shares.get(&address).map_or(0, |share| share.connections);
                if !trusted
                    && has_share >= limits.per_address
                    && !self.evict(&mut open, |it| it.address == address)
                {
                    return None;
                }
                if open.connections.len() < limits.connections || self.evict(&mut open, |_| true) {
                    open.next += 1;
                    let (id, connection) = (open.next, Arc::new(Connection::new(address, trusted)));
                    open.connections.insert(id, connection.clone());
                    open.shares.entry(address).or_default().connections += 1;
                    return Some(Place { connection, connections: self.clone(), id });
                }
            }
            let _ = timeout(FULL_PAUSE, ended).await;
        }
    }

    /// Whether there is too much held for this, after closing those that have waited longest for their clients.
    pub(super) fn is_overloaded(&self, buffer: Buffer) -> bool {
        while self.is_beyond(buffer) {
            let mut open = self.0.open.lock();
            if !self.evict(&mut open, |it| it.held[buffer as usize].load(Ordering::Relaxed) > 0) {
                return true;
            }
        }
        false
    }

    /// Counts the bytes that a connection holds now, in place of those that it held before. Where that is too much together, those that
    /// have waited longest for their clients are closed.
    pub(super) fn hold(&self, connection: &Connection, buffer: Buffer, bytes: usize) {
        let bytes = if connection.is_closing() { 0 } else { bytes };
        let before = connection.held[buffer as usize].swap(bytes, Ordering::Relaxed);
        let held = &self.0.held[buffer as usize];
        if bytes <= before {
            held.fetch_sub(before - bytes, Ordering::Relaxed);
            return;
        }
        held.fetch_add(bytes - before, Ordering::Relaxed);
        self.is_overloaded(buffer);
    }

    fn is_beyond(&self, buffer: Buffer) -> bool {
        self.0.held[buffer as usize].load(Ordering::Relaxed) > self.0.limits.buffer_bytes
    }

    /// Counts an event stream of this connection, until it is idle again; false if its address has its share of them.
    pub(super) fn begin_stream(&self, connection: &Connection) -> bool {
        let mut open = self.0.open.lock();
        let share = open.shares.entry(connection.address).or_default();
        if share.streams >= self.0.limits.streams_per_address {
            return false;
        }
        share.streams += 1;
        connection.streams.store(true, Ordering::Relaxed);
        true
    }

    /// Forgets what the connection's last request and answer held. A read buffer that has grown stays.
    pub(super) fn end_exchange(&self, connection: &Connection) {
        self.hold(connection, Buffer::Request, connection.grown_buffer());
        self.hold(connection, Buffer::Answer, 0);
        if connection.streams.swap(false, Ordering::Relaxed) {
            self.0.open.lock().end_stream(connection);
        }
    }

    /// Closes the connection that has waited longest for its client, of those that `may` be closed; several where there are many.
    fn evict(&self, open: &mut Open, may: impl Fn(&Connection) -> bool) -> bool {
        let candidates = open.connections.iter().filter(|(_, connection)| may(connection));
        let mut waiting: Vec<_> = candidates
            .filter_map(|(id, connection)| Some((connection.trusted, connection.waiting()?, *id)))
            .collect();
        // The first to go are those of strangers, and only where there are none those of trusted addresses.
        let strangers = waiting.iter().filter(|(trusted, ..)| !trusted).count();
        let first_to_go = if strangers > 0 { strangers } else { waiting.len() };
        let count = (first_to_go / BATCH).clamp(1, BATCH);
        if waiting.len() > count {
            waiting.select_nth_unstable(count - 1);
            waiting.truncate(count);
        }
        for (_, _, id) in &waiting {
            if let Some(connection) = open.connections.get(id) {
                connection.close();
            }
            self.remove(open, *id);
        }
        !waiting.is_empty()
    }

    fn release(&self, connection: &Connection) {
        self.hold(connection, Buffer::Request, 0);
        self.hold(connection, Buffer::Answer, 0);
    }

    /// Takes the connection out of all counts.
    fn remove(&self, open: &mut Open, id: u64) {
        let Some(connection) = open.connections.remove(&id) else { return };
        self.release(&connection);
        if connection.streams.swap(false, Ordering::Relaxed) {
            open.end_stream(&connection);
        }
        if let Some(share) = open.shares.get_mut(&connection.address) {
            share.connections -= 1;
            if share.connections == 0 {
                open.shares.remove(&connection.address);
            }
        }
    }
}

impl Open {
    fn end_stream(&mut self, connection: &Connection) {
        if let Some(share) = self.shares.get_mut(&connection.address) {
            share.streams = share.streams.saturating_sub(1);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.remove(&mut self.connections.0.open.lock(), self.id);
        // One that was evicted may have counted something since.
        self.connections.release(&self.connection);
        self.connections.0.ended.notify_waiters();
    }
}

impl Place {
    pub(super) fn connections(&self) -> &Connections {
        &self.connections
    }
}

/// Closes connections whose clients send or read too slowly, as long as there are listeners.
async fn check_times(shared: Weak<Shared>) {
    let mut ticks = interval(CHECK_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        let open = shared.open.lock();
        for connection in open.connections.values().filter(|connection| connection.is_too_slow()) {
            connection.close();
        }
    }
}

/// What has one share: an IPv4 address, or an IPv6 network of 64 bits, of which a client has any address.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if !address.is_loopback() => {
            IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into())
        }
        address => address,
    }
}

#[cfg(test)]
mod tests;
