//! The messages of one call.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use async_nats::{Message, StatusCode};
use bytes::{Buf as _, Bytes};
use futures::StreamExt as _;
use parking_lot::Mutex;
use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::task::AbortHandle;
use wrpc_transport::Index;

use super::no_streams;

/// Messages of one exchange that wait to be read. Each is as long as NATS allows (1 MiB by default); one more breaks off
/// the exchange.
const WAITING_LIMIT: usize = 64;

type Waiting = Mutex<HashMap<u64, Sender<Message>>>;

/// The subjects below one of NATS's inboxes, one for each exchange.
#[derive(Debug)]
pub struct Inbox {
    subject: String,
    next: AtomicU64,
    waiting: Arc<Waiting>,
    receiving: AbortHandle,
}

impl Inbox {
    /// An inbox that receives until it is dropped.
    pub async fn open(nats: &async_nats::Client) -> anyhow::Result<Arc<Self>> {
        let subject = nats.new_inbox();
        let mut messages = nats.subscribe(format!("{subject}.>")).await?;
        let waiting: Arc<Waiting> = Arc::default();
        let (receivers, skipped) = (Arc::clone(&waiting), subject.len() + 1);
        let receiving = tokio::spawn(async move {
            while let Some(message) = messages.next().await {
                dispatch(&receivers, skipped, message);
            }
        });
        let receiving = receiving.abort_handle();
        Ok(Arc::new(Self { subject, next: AtomicU64::new(0), waiting, receiving }))
    }

    /// An inbox without NATS: what `take` gets is all that it receives.
    #[cfg(feature = "fuzzing")]
    pub fn fed(subject: &str) -> Arc<Self> {
        let receiving = tokio::spawn(std::future::pending::<()>()).abort_handle();
        let next = AtomicU64::new(0);
        Arc::new(Self { subject: subject.to_owned(), next, waiting: Arc::default(), receiving })
    }

    /// Gives a message to its exchange.
    #[cfg(feature = "fuzzing")]
    pub fn take(&self, message: Message) {
        dispatch(&self.waiting, self.subject.len() + 1, message);
    }

    /// A new exchange. What is published to its subject, or below that, from now on can be read from it.
    pub fn exchange(self: &Arc<Self>) -> Exchange {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, messages) = mpsc::channel(WAITING_LIMIT);
        self.waiting.lock().insert(number, sender);
        Exchange { inbox: Arc::clone(self), number, messages }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.receiving.abort();
    }
}

/// Gives a message to the exchange whose number its subject has.
fn dispatch(waiting: &Waiting, skipped: usize, message: Message) {
    let below = message.subject.get(skipped..).unwrap_or_default();
    let number = below.split('.').next().unwrap_or_default();
    let Ok(number) = number.parse() else { return };
    let mut waiting = waiting.lock();
    // Its exchange has ended: the call was given up, or this is a repetition.
    let Some(sender) = waiting.get(&number) else { return };
    if sender.try_send(message).is_err() {
        // Its reader finds it broken off.
        waiting.remove(&number);
    }
}

/// One exchange, until it is dropped.
#[derive(Debug)]
pub struct Exchange {
    inbox: Arc<Inbox>,
    number: u64,
    messages: Receiver<Message>,
}

impl Exchange {
    /// The subject of this exchange.
    pub fn subject(&self) -> String {
        format!("{}.{}", self.inbox.subject, self.number)
    }

    /// Waits until the callee has accepted the call, and returns its subject.
    pub async fn accepted(&mut self) -> io::Result<String> {
        loop {
            let message = self.messages.recv().await.ok_or_else(broken_off)?;
            refused(&message)?;
            if let Some(subject) = message.reply {
                return Ok(subject.into_string());
            }
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.inbox.waiting.lock().remove(&self.number);
    }
}

/// An error that NATS or the callee sends in place of an answer.
fn refused(message: &Message) -> io::Result<()> {
    match message.status {
        None => Ok(()),
        Some(StatusCode::NO_RESPONDERS) => Err(io::Error::new(io::ErrorKind::NotConnected, "no responders")),
        Some(status) => Err(io::Error::other(format!("NATS answered {status}"))),
    }
}

fn broken_off() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the call was broken off")
}

/// The bytes of one side of an exchange.
#[derive(Debug)]
pub struct Incoming {
    exchange: Exchange,
    /// The end of the subjects by which they come.
    part: &'static str,
    unread: Bytes,
    is_ended: bool,
}

impl Incoming {
    /// The bytes that come to the subject `part` of an exchange, after the first ones.
    pub fn new(exchange: Exchange, part: &'static str, first: Bytes) -> Self {
        Self { exchange, part, unread: first, is_ended: false }
    }
}

impl AsyncRead for Incoming {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.unread.is_empty() {
            if self.is_ended {
                return Poll::Ready(Ok(()));
            }
            let message = ready!(self.exchange.messages.poll_recv(cx)).ok_or_else(broken_off)?;
            refused(&message)?;
            if message.subject.ends_with(self.part) {
                // An empty message is the end.
                self.is_ended = message.payload.is_empty();
                self.unread = message.payload;
            }
        }
        let length = self.unread.len().min(into.remaining());
        into.put_slice(&self.unread[..length]);
        self.unread.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl Index<Self> for Incoming {
    fn index(&self, _: &[usize]) -> anyhow::Result<Self> {
        Err(no_streams())
    }
}
