//! One pass over the dead letters.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesOrdered;
use lapin::Channel;
use lapin::message::BasicGetMessage;
use lapin::options::BasicGetOptions;
use tokio::time::Instant;

use crate::config::BrokerConfig;
use crate::dead_letter::DeadLetter;
use crate::error::BrokerError;
use crate::link::Link;
use crate::reading_lock::{ReadingLock, Turn};
use crate::topology::passively;

/// How long, and how often, to poll a queue until messages that were only read are back.
const RETURN_LIMIT: Duration = Duration::from_secs(5);
const RETURN_PAUSE: Duration = Duration::from_millis(10);

/// How many messages are asked for before the first of them has come. It bounds their memory, with the largest body.
const WINDOW: usize = 64;

/// One pass over the dead letters that were there at its beginning. What is not acknowledged goes back when the channel
/// closes: at the end, when this is dropped, or when the process dies. Only then the next reader has its turn.
pub(crate) struct Walk {
    /// `None` once it has ended.
    place: Option<Place>,
    link: Arc<Link>,
    config: Arc<BrokerConfig>,
    all: u32,
    read: u32,
    /// Messages that were not requested yet.
    left: u32,
    asked: FuturesOrdered<BoxFuture<'static, lapin::Result<Option<BasicGetMessage>>>>,
}

struct Place {
    channel: Channel,
    turn: Turn,
}

impl Walk {
    /// Begins when no other walk goes on.
    pub(crate) async fn begin(
        link: Arc<Link>,
        config: Arc<BrokerConfig>,
        reading: &ReadingLock,
    ) -> Result<Self, BrokerError> {
        let channel = link.channel().await?;
        let turn = reading.acquire(&link).await?;
        let mut walk = Self {
            place: Some(Place { channel, turn }),
            link,
            config,
            all: 0,
            read: 0,
            left: 0,
            asked: FuturesOrdered::new(),
        };
        walk.all = look(&walk.link, &walk.config.dead_letter_queue()).await?.0;
        walk.left = walk.all;
        Ok(walk)
    }

    /// The connection on which messages are acknowledged.
    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    /// How many were not read yet.
    pub(crate) fn left(&self) -> u32 {
        self.left
    }

    pub(crate) async fn next(&mut self) -> Result<Option<(BasicGetMessage, DeadLetter)>, BrokerError> {
        // Without this bound, a replayed message that fails again at once would be met again and again.
        let Some(place) = &self.place else { return Ok(None) };
        let queue = self.config.dead_letter_queue();
        while self.left > 0 && self.asked.len() < WINDOW {
            self.left -= 1;
            let (channel, queue) = (place.channel.clone(), queue.clone());
            self.asked.push_back(Box::pin(async move {
                channel.basic_get(queue.as_str().into(), BasicGetOptions::default()).await
            }));
        }
        if self.asked.is_empty() {
            return Ok(None);
        }
        let asked = &mut self.asked;
        let next = async { asked.next().await.unwrap_or(Ok(None)) };
        let got = self.link.ask(&format!("read queue `{queue}`"), next).await?;
        self.read += u32::from(got.is_some());
        Ok(got.map(|mut message| {
            let body = Bytes::from(std::mem::take(&mut message.data));
            let letter = DeadLetter::new(&message.properties, body, &self.config);
            (message, letter)
        }))
    }

    /// Ends the walk, of which so many were acknowledged.
    pub(crate) async fn finish(mut self, acknowledged: u64) -> Result<(), BrokerError> {
        let Some(place) = self.place.take() else { return Ok(()) };
        let expected = u64::from(self.all).saturating_sub(acknowledged);
        if acknowledged > 0 {
            let unsettled = u64::from(self.read).saturating_sub(acknowledged);
            settle(&self.link, &self.config.dead_letter_queue(), unsettled).await?;
        }
        leave(place, &self.link, &self.config.dead_letter_queue(), expected).await
    }
}

impl Drop for Walk {
    /// Ends a walk that was broken off, by an error or a time limit.
    fn drop(&mut self) {
        let (Some(place), Ok(runtime)) = (self.place.take(), tokio::runtime::Handle::try_current()) else {
            return;
        };
        let (link, queue) = (self.link.clone(), self.config.dead_letter_queue());
        // The number of acknowledged messages is unknown here; those that were never read remain in any case.
        let expected = u64::from(self.left);
        runtime.spawn(async move {
            if let Err(error) = leave(place, &link, &queue, expected).await {
                tracing::debug!(%error, "a reading of dead letters ended with its connection");
            }
        });
    }
}

/// Waits a moment until RabbitMQ has carried out the acknowledgements. A channel keeps back those that come fast, and forgets them
/// when it is closed: the messages would be dead letters again. The queue counts each message that was read and not settled as a
/// consumer, which is all that can be seen of them.
async fn settle(link: &Link, queue: &str, unsettled: u64) -> Result<(), BrokerError> {
    let deadline = Instant::now() + RETURN_LIMIT;
    loop {
        tokio::time::sleep(RETURN_PAUSE).await;
        if u64::from(look(link, queue).await?.1) <= unsettled || Instant::now() > deadline {
            return Ok(());
        }
    }
}

/// Waits a moment until what was only read is back in the queue: RabbitMQ returns it only after it has answered, and the next look
/// would miss it.
async fn leave(place: Place, link: &Link, queue: &str, expected: u64) -> Result<(), BrokerError> {
    let Place { channel, turn } = place;
    let returned = async {
        link.ask("close the channel", channel.close(200, "OK".into())).await?;
        let deadline = Instant::now() + RETURN_LIMIT;
        while Instant::now() < deadline && u64::from(look(link, queue).await?.0) < expected {
            tokio::time::sleep(RETURN_PAUSE).await;
        }
        Ok(())
    };
    let returned = returned.await;
    drop(turn);
    returned
}

/// How many messages are ready, and how many consumers there are.
async fn look(link: &Link, queue: &str) -> Result<(u32, u32), BrokerError> {
    let found = passively(link, queue).await?.ok_or_else(|| BrokerError::NoQueue(queue.to_owned()))?;
    Ok((found.message_count(), found.consumer_count()))
}
