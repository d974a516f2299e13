//! Repetition of messages.
//!
//! A host drops an answer that arrives before the host has registered that it waits for it (see [`super`]). A moment later it has.

use std::sync::Arc;
use std::time::Duration;

use async_nats::client::PublishError;
use async_nats::{Client, Subject};
use bytes::Bytes;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep_until};

/// The pauses before a message is repeated: a short one, since a request waits for it, and a longer one for a host that is very
/// busy.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(230)];

/// After this time a host has registered that it waits.
pub const REGISTERED_AFTER: Duration = PAUSES[0];

/// Messages that are to be repeated. What exceeds the limit is sent once only.
const QUEUE_LIMIT: usize = 8192;

type Sent = (Instant, Outbound);

/// A message to send.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// The subject of the receiver.
    pub to: Subject,
    /// Where an answer is expected.
    pub reply: Option<Subject>,
    /// The payload.
    pub bytes: Bytes,
}

impl Outbound {
    /// Sends it once.
    pub async fn send(self, nats: &Client) -> Result<(), PublishError> {
        match self.reply {
            Some(reply) => nats.publish_with_reply(self.to, reply, self.bytes).await,
            None => nats.publish(self.to, self.bytes).await,
        }
    }
}

/// Sends messages several times. It ends with its last copy.
#[derive(Clone, Debug)]
pub struct Repeater(Sender<Sent>);

impl Repeater {
    /// Starts its tasks.
    pub fn start(nats: &Arc<Client>) -> Self {
        let mut next = None;
        for pause in PAUSES.into_iter().rev() {
            let (sender, sent) = mpsc::channel(QUEUE_LIMIT);
            tokio::spawn(repeat(Arc::clone(nats), pause, sent, next.replace(sender)));
        }
        Self(next.expect("there is a pause"))
    }

    /// Sends a message now, and again after each pause.
    pub async fn send(&self, nats: &Client, message: Outbound) -> Result<(), PublishError> {
        message.clone().send(nats).await?;
        // The protocol asks for one, so a full queue is not a failure.
        let _ = self.0.try_send((Instant::now(), message));
        Ok(())
    }
}

/// Sends each message once more after a pause, and passes it to the next repetition.
async fn repeat(nats: Arc<Client>, pause: Duration, mut sent: Receiver<Sent>, next: Option<Sender<Sent>>) {
    while let Some((when, message)) = sent.recv().await {
        sleep_until(when + pause).await;
        if message.clone().send(&nats).await.is_err() {
            // The connection is closed for good.
            return;
        }
        if let Some(next) = &next {
            let _ = next.try_send((Instant::now(), message));
        }
    }
}
