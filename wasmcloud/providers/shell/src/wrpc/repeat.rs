//! What was said, said again.
//!
//! A host may not have noted yet that it waits for an answer when the answer is there, and drops it (see [`super`]). It has
//! noted it a moment later.

use std::sync::Arc;
use std::time::Duration;

use async_nats::client::PublishError;
use async_nats::{Client, Subject};
use bytes::Bytes;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio::time::{Instant, sleep_until};

/// When a message is said again, after it was said before: soon, since a request waits for it, and once more for a host that
/// is very busy.
const PAUSES: [Duration; 2] = [Duration::from_millis(20), Duration::from_millis(230)];

/// After this time a host hears what it is told.
pub const HEARD_AFTER: Duration = PAUSES[0];

/// Messages that wait to be said again. What finds no room is said once only.
const WAITING_LIMIT: usize = 8192;

type Said = (Instant, Words);

/// What is said.
#[derive(Clone, Debug)]
pub struct Words {
    /// To whom.
    pub to: Subject,
    /// Where an answer is expected.
    pub reply: Option<Subject>,
    /// What.
    pub bytes: Bytes,
}

impl Words {
    /// Says them once.
    pub async fn say(self, nats: &Client) -> Result<(), PublishError> {
        match self.reply {
            Some(reply) => nats.publish_with_reply(self.to, reply, self.bytes).await,
            None => nats.publish(self.to, self.bytes).await,
        }
    }
}

/// Says messages again. It ends with its last copy.
#[derive(Clone, Debug)]
pub struct Repeater(Sender<Said>);

impl Repeater {
    /// Starts it.
    pub fn start(nats: &Arc<Client>) -> Self {
        let mut next = None;
        for pause in PAUSES.into_iter().rev() {
            let (sender, said) = mpsc::channel(WAITING_LIMIT);
            tokio::spawn(say_again(Arc::clone(nats), pause, said, next.replace(sender)));
        }
        Self(next.expect("there is a pause"))
    }

    /// Says them, and says them again.
    pub async fn say(&self, nats: &Client, words: Words) -> Result<(), PublishError> {
        words.clone().say(nats).await?;
        // Said once is what the protocol asks for, so having no room for more is no failure.
        let _ = self.0.try_send((Instant::now(), words));
        Ok(())
    }
}

/// Says what was said once more after a pause, and hands it on.
async fn say_again(nats: Arc<Client>, pause: Duration, mut said: Receiver<Said>, next: Option<Sender<Said>>) {
    while let Some((when, words)) = said.recv().await {
        sleep_until(when + pause).await;
        if words.clone().say(&nats).await.is_err() {
            // The connection is closed for good.
            return;
        }
        if let Some(next) = &next {
            let _ = next.try_send((Instant::now(), words));
        }
    }
}
