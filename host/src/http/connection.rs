//! The state of an open connection: what it waits for, since when, and what memory it holds.

use std::net::IpAddr;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

/// The time that a request's body may take, from its head. Those that are read have less (`body.rs`), and are answered 408.
const BODY_TIME: Duration = Duration::from_secs(15);

/// A client that reads nothing of its answer for so long, or on average less than this rate, is disconnected.
const WRITE_TIME: Duration = Duration::from_secs(10);
const WRITE_BYTES_PER_SECOND: u64 = 4 << 10;

/// A client that has read nothing for so long counts as slow when room is needed.
const WRITE_PAUSE: Duration = Duration::from_secs(1);

/// A connection's first read buffer, in bytes: hyper's.
const FIRST_BUFFER_BYTES: usize = 8 << 10;

/// A connection's largest read buffer and the longest head, in bytes; a longer head is answered 431.
pub(super) const BUFFER_BYTES: usize = 32 << 10;

/// The largest body of a request, in bytes: the components' own limit. More is read only to be discarded.
pub(super) const BODY_LIMIT_BYTES: usize = 64 << 10;

/// What a connection holds memory for.
#[derive(Clone, Copy)]
pub(super) enum Buffer {
    Request,
    Answer,
}

/// The parts of an exchange, in their order.
#[derive(Clone, Copy, Eq, PartialEq)]
#[repr(u8)]
enum Stage {
    /// No byte of a request has arrived.
    Idle,
    /// A head is incomplete.
    Head,
    /// The service has the request. Its body may be incomplete.
    Service,
    /// The answer is being written.
    Answer,
}

/// What a connection waits for its client to do, and since when. The least is closed first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Waiting {
    Request { since_ms: u64 },
    Head { since_ms: u64 },
    Body { since_ms: u64 },
    Reader { since_ms: u64 },
}

/// Its own task changes it; a task that needs room for another connection reads it.
pub(super) struct Connection {
    pub(super) address: IpAddr,
    pub(super) trusted: bool,
    /// Notified when it has to end at once; it counts no more from then on.
    close: Notify,
    is_closing: AtomicBool,
    /// Bytes that count against the budget of each [`Buffer`].
    pub(super) held: [AtomicUsize; 2],
    /// Whether it counts as an event stream.
    pub(super) streams: AtomicBool,
    stage: AtomicU8,
    stage_since_ms: AtomicU64,
    /// Whether more of the request is waited for.
    is_reading: AtomicBool,
    received: AtomicUsize,
    has_grown: AtomicBool,
    /// When the client stopped reading the answer, and when it last read a part; 0 if all is written.
    blocked_since_ms: AtomicU64,
    written_at_ms: AtomicU64,
    written_since_blocked: AtomicU64,
}

impl Connection {
    pub(super) fn new(address: IpAddr, trusted: bool) -> Self {
        Self {
            address,
            trusted,
            close: Notify::new(),
            is_closing: AtomicBool::new(false),
            held: Default::default(),
            streams: AtomicBool::new(false),
            stage: AtomicU8::new(Stage::Idle as u8),
            stage_since_ms: AtomicU64::new(now_ms()),
            is_reading: AtomicBool::new(false),
            received: AtomicUsize::new(0),
            has_grown: AtomicBool::new(false),
            blocked_since_ms: AtomicU64::new(0),
            written_at_ms: AtomicU64::new(0),
            written_since_blocked: AtomicU64::new(0),
        }
    }

    /// Ends it at once.
    pub(super) fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
        self.close.notify_one();
    }

    pub(super) async fn closed(&self) {
        self.close.notified().await;
    }

    pub(super) fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    /// What it waits for its client to do; `None` if it has work to do.
    pub(super) fn waiting(&self) -> Option<Waiting> {
        let since_ms = self.stage_since_ms.load(Ordering::Relaxed);
        if self.is_in(Stage::Idle) {
            Some(Waiting::Request { since_ms })
        } else if self.is_in(Stage::Head) {
            Some(Waiting::Head { since_ms })
        } else if self.is_in(Stage::Service) {
            self.is_reading.load(Ordering::Relaxed).then_some(Waiting::Body { since_ms })
        } else {
            let since_ms = self.blocked_since_ms.load(Ordering::Relaxed);
            (since_ms != 0 && is_past(&self.written_at_ms, WRITE_PAUSE))
                .then_some(Waiting::Reader { since_ms })
        }
    }

    /// Whether its client sends a body, or reads an answer, more slowly than it may.
    pub(super) fn is_too_slow(&self) -> bool {
        match self.waiting() {
            Some(Waiting::Body { .. }) => is_past(&self.stage_since_ms, BODY_TIME),
            Some(Waiting::Reader { since_ms }) => {
                let blocked_s = now_ms().saturating_sub(since_ms) / 1_000;
                let written = self.written_since_blocked.load(Ordering::Relaxed);
                is_past(&self.written_at_ms, WRITE_TIME)
                    || (blocked_s >= WRITE_TIME.as_secs() && written / blocked_s < WRITE_BYTES_PER_SECOND)
            }
            _ => false,
        }
    }

    /// Called before each read; true if the exchange before is over.
    pub(super) fn before_read(&self) -> bool {
        let is_over = self.is_in(Stage::Answer);
        if is_over {
            self.received.store(0, Ordering::Relaxed);
            self.enter(Stage::Idle);
        }
        is_over
    }

    /// Called when there is nothing to read.
    pub(super) fn read_pending(&self) {
        self.is_reading.store(true, Ordering::Relaxed);
    }

    /// Called when bytes arrived. Returns what the request holds now.
    pub(super) fn bytes_read(&self, bytes: usize) -> usize {
        self.is_reading.store(false, Ordering::Relaxed);
        if self.is_in(Stage::Idle) {
            self.enter(Stage::Head);
        }
        let received = self.received.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if received > FIRST_BUFFER_BYTES {
            self.has_grown.store(true, Ordering::Relaxed);
        }
        // A body is kept beside the buffer, and once more while it is put together.
        let body = if self.is_in(Stage::Service) { received.min(BODY_LIMIT_BYTES) * 2 } else { 0 };
        self.grown_buffer() + if self.grown_buffer() > 0 { body } else { 0 }
    }

    pub(super) fn grown_buffer(&self) -> usize {
        if self.has_grown.load(Ordering::Relaxed) { BUFFER_BYTES } else { 0 }
    }

    pub(super) fn begin_service(&self) {
        self.is_reading.store(false, Ordering::Relaxed);
        self.enter(Stage::Service);
    }

    /// Called when the answer, of `bytes` if that is known, is about to be written. Returns what the answer holds.
    pub(super) fn begin_answer(&self, bytes: Option<u64>) -> usize {
        self.is_reading.store(false, Ordering::Relaxed);
        self.enter(Stage::Answer);
        let bytes = bytes.and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(0);
        if bytes > FIRST_BUFFER_BYTES { bytes } else { 0 }
    }

    pub(super) fn bytes_written(&self, bytes: usize) {
        self.written_since_blocked.fetch_add(bytes as u64, Ordering::Relaxed);
        self.written_at_ms.store(now_ms(), Ordering::Relaxed);
    }

    /// Called when the client's system takes no more of the answer.
    pub(super) fn write_pending(&self) {
        if self.blocked_since_ms.load(Ordering::Relaxed) == 0 {
            let now_ms = now_ms();
            self.written_since_blocked.store(0, Ordering::Relaxed);
            self.written_at_ms.store(now_ms, Ordering::Relaxed);
            self.blocked_since_ms.store(now_ms, Ordering::Relaxed);
        }
    }

    /// Called when all that there was is written.
    pub(super) fn flushed(&self) {
        self.blocked_since_ms.store(0, Ordering::Relaxed);
    }

    fn enter(&self, stage: Stage) {
        self.stage_since_ms.store(now_ms(), Ordering::Relaxed);
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    fn is_in(&self, stage: Stage) -> bool {
        self.stage.load(Ordering::Relaxed) == stage as u8
    }
}

fn is_past(since_ms: &AtomicU64, limit: Duration) -> bool {
    u128::from(now_ms().saturating_sub(since_ms.load(Ordering::Relaxed))) > limit.as_millis()
}

/// Milliseconds since the first connection of the process; never 0.
fn now_ms() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
}
