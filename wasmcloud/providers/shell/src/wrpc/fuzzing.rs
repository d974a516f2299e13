//! What the targets in `fuzz/` see of wRPC.

use std::sync::Arc;

use async_nats::Message;
use bytes::Bytes;

use super::exchange::{Exchange, Inbox, Incoming};
use super::frames;

/// An inbox that gets its messages from a target instead of from NATS.
pub struct Fed {
    inbox: Arc<Inbox>,
}

impl Fed {
    /// An inbox below this subject.
    pub fn new(subject: &str) -> Self {
        Self { inbox: Inbox::fed(subject) }
    }

    /// A new exchange.
    pub fn exchange(&self) -> Exchange {
        self.inbox.exchange()
    }

    /// Takes a message, as if it came from NATS.
    pub fn take(&self, message: Message) {
        self.inbox.take(message);
    }
}

/// The bytes that come to the subject `part` of an exchange.
pub fn incoming(exchange: Exchange, part: &'static str, first: Bytes) -> Incoming {
    Incoming::new(exchange, part, first)
}

/// Splits into messages of at most `limit` bytes.
pub fn split(bytes: Bytes, limit: usize) -> Vec<Bytes> {
    frames::split(bytes, limit).collect()
}
