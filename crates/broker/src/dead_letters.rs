//! Reading, replaying and discarding dead letters.
//!
//! Messages are taken from the queue one by one without acknowledgement, so that the end of the walk, or a kill at any
//! time, puts them back. Only a replayed (and confirmed) or a discarded one is acknowledged.
//!
//! A quorum queue puts what comes back in front of what was never read, but behind what came back before. So a walk
//! to the end keeps the order, and one that is broken off does not.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, TryStreamExt, stream};
use lapin::Channel;
use lapin::message::BasicGetMessage;
use lapin::options::{BasicAckOptions, BasicGetOptions};
use tokio::time::Instant;

use crate::config::BrokerConfig;
use crate::connection::Reconnector;
use crate::dead_letter::{DeadLetter, Selector};
use crate::error::BrokerError;
use crate::headers::{self, Headers};
use crate::link::Link;
use crate::message::{Message, short};
use crate::publish::Publisher;
use crate::topology;

/// How many messages are replayed between two looks at the outcome.
const CHUNK: usize = 64;
/// How long, and how often, a queue is looked at that gets back what was only read. Others may take from it meanwhile.
const RETURN_LIMIT: Duration = Duration::from_secs(2);
const RETURN_PAUSE: Duration = Duration::from_millis(10);
/// An edited message carries its original body in a header, and all headers have to fit into one frame.
const MAX_ORIGINAL_BYTES: usize = 32 * 1024;
/// The headers that a dead letter loses when it is replayed: it begins again.
const DROPPED_BY_REPLAY: [&str; 6] = [
    headers::ATTEMPT,
    headers::FIRST_FAILED_AT,
    headers::LAST_ERROR,
    headers::CAUSE,
    headers::FAILED_AT,
    headers::DEAD_LETTER_ID,
];

/// Another body for a replayed message.
#[derive(Clone, Debug)]
pub struct Edit {
    /// The new content.
    pub body: Bytes,
    /// Who changed it.
    pub by: String,
}

/// The result of a replay or discard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many dead letters were meant.
    pub matched: u64,
    /// How many of them were replayed or discarded; none in a dry run.
    pub done: u64,
}

/// The dead letters of the main queue.
pub struct DeadLetters {
    connection: Arc<Reconnector>,
    publisher: Publisher,
    config: Arc<BrokerConfig>,
}

impl DeadLetters {
    pub(crate) fn new(connection: Arc<Reconnector>, publisher: Publisher, config: Arc<BrokerConfig>) -> Self {
        Self { connection, publisher, config }
    }

    /// All dead letters, oldest first, one at a time. While the stream lives, other readers do not see them. A
    /// stream that is not read to the end changes their order.
    pub async fn list(
        &self,
    ) -> Result<impl Stream<Item = Result<DeadLetter, BrokerError>> + use<>, BrokerError> {
        let walk = self.walk().await?;
        let letters = stream::try_unfold(walk, |mut walk| async move {
            match walk.next().await? {
                Some((_, letter)) => Ok(Some((letter, walk))),
                None => walk.finish(0).await.map(|()| None),
            }
        });
        Ok(letters)
    }

    /// The dead letter of that name.
    pub async fn get(&self, id: &str) -> Result<Option<DeadLetter>, BrokerError> {
        let mut letters = std::pin::pin!(self.list().await?);
        let mut found = None;
        // To the end, so that the order stays.
        while let Some(letter) = letters.try_next().await? {
            if found.is_none() && letter.id == id {
                found = Some(letter);
            }
        }
        Ok(found)
    }

    /// Returns dead letters to the queue from which they came, as if they came for the first time.
    ///
    /// Each is published with a confirm, and acknowledged then. A kill in between leaves both, so that the message
    /// is handled once more, which the handler absorbs. An error ends the walk; what was replayed before stays so.
    pub async fn replay(
        &self,
        selector: &Selector,
        dry_run: bool,
        edit: Option<&Edit>,
    ) -> Result<Report, BrokerError> {
        if edit.is_some() && !matches!(selector, Selector::Id(_)) {
            return Err(BrokerError::Invalid(
                "only a single dead letter can be edited; give its id".to_owned(),
            ));
        }
        let mut walk = self.walk().await?;
        let mut report = Report::default();
        let mut chunk = Vec::with_capacity(CHUNK);
        while let Some((message, letter)) = walk.next().await? {
            if !selector.matches(&letter) {
                continue;
            }
            report.matched += 1;
            if dry_run {
                continue;
            }
            chunk.push((replayed(&message, &letter, edit)?, message));
            if chunk.len() == CHUNK {
                report.done += self.publish(&walk.link, &mut chunk).await?;
            }
        }
        report.done += self.publish(&walk.link, &mut chunk).await?;
        walk.finish(report.done).await?;
        Ok(report)
    }

    /// Deletes dead letters. The reason and each of them go to the log.
    pub async fn discard(
        &self,
        selector: &Selector,
        dry_run: bool,
        reason: &str,
    ) -> Result<Report, BrokerError> {
        if reason.trim().is_empty() {
            return Err(BrokerError::Invalid("a dead letter is discarded with a reason only".to_owned()));
        }
        let mut walk = self.walk().await?;
        let mut report = Report::default();
        while let Some((message, letter)) = walk.next().await? {
            if !selector.matches(&letter) {
                continue;
            }
            report.matched += 1;
            if dry_run {
                continue;
            }
            let body = String::from_utf8_lossy(&letter.body);
            let DeadLetter { id, subject, cause, .. } = &letter;
            tracing::warn!(id, subject, cause, %body, reason, "dead letter discarded");
            acknowledge(&walk.link, &message).await?;
            report.done += 1;
        }
        walk.finish(report.done).await?;
        Ok(report)
    }

    async fn walk(&self) -> Result<Walk, BrokerError> {
        let link = self.connection.link_within(self.config.request_timeout).await?;
        let queue = self.config.dead_letter_queue();
        let found =
            topology::passively(&link, &queue).await?.ok_or_else(|| BrokerError::NoQueue(queue.clone()))?;
        let channel = link.channel().await?;
        Ok(Walk { link, channel, queue, left: found.message_count(), read: 0, config: self.config.clone() })
    }

    /// Publishes a chunk, and acknowledges what is confirmed.
    async fn publish(
        &self,
        link: &Link,
        chunk: &mut Vec<(Message, BasicGetMessage)>,
    ) -> Result<u64, BrokerError> {
        let (messages, originals): (Vec<_>, Vec<_>) = chunk.drain(..).unzip();
        let outcomes = self.publisher.send(&messages).await;
        let mut done = 0;
        let mut failure = None;
        for (original, outcome) in originals.iter().zip(outcomes) {
            match outcome {
                Ok(()) => {
                    acknowledge(link, original).await?;
                    done += 1;
                }
                Err(error) => failure = Some(error),
            }
        }
        match failure {
            None => Ok(done),
            Some(error) => Err(BrokerError::Replay(error)),
        }
    }
}

async fn acknowledge(link: &Link, message: &BasicGetMessage) -> Result<(), BrokerError> {
    let is_acknowledged = link.ask("acknowledge", message.acker.ack(BasicAckOptions::default())).await?;
    if is_acknowledged { Ok(()) } else { Err(BrokerError::Unavailable("the channel was lost".to_owned())) }
}

/// The message as it goes back to its queue.
fn replayed(
    message: &BasicGetMessage,
    letter: &DeadLetter,
    edit: Option<&Edit>,
) -> Result<Message, BrokerError> {
    let mut headers = Headers::carried(&message.properties)
        .without(&DROPPED_BY_REPLAY)
        .text(headers::SUBJECT, &letter.subject);
    let mut body = letter.body.clone();
    if let Some(edit) = edit {
        // After a second edit, the original is still the first one.
        if letter.original_body.is_none() {
            if letter.body.len() > MAX_ORIGINAL_BYTES {
                let size = letter.body.len();
                let limit = MAX_ORIGINAL_BYTES;
                return Err(BrokerError::Invalid(format!(
                    "a body of {size} bytes cannot be edited, because the original of more than {limit} is not kept"
                )));
            }
            headers = headers.bytes(headers::ORIGINAL_BODY, &letter.body);
        }
        headers = headers.error(headers::EDITED_BY, &edit.by).text(headers::EDITED_AT, &headers::now());
        body = edit.body.clone();
    }
    Ok(Message {
        exchange: "".into(),
        routing_key: short("queue", letter.queue.clone()).map_err(BrokerError::Replay)?,
        properties: headers::carried(&message.properties, headers),
        body,
    })
}

/// One pass over the dead letters that were there at its beginning. What is not acknowledged goes back when the channel
/// closes: at the end, when this is dropped, or when the process dies.
struct Walk {
    link: Arc<Link>,
    channel: Channel,
    queue: String,
    left: u32,
    read: u64,
    config: Arc<BrokerConfig>,
}

impl Walk {
    async fn next(&mut self) -> Result<Option<(BasicGetMessage, DeadLetter)>, BrokerError> {
        // Without this bound, a replayed message that fails again at once would be met again and again.
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        let action = format!("read queue `{}`", self.queue);
        let request = self.channel.basic_get(self.queue.as_str().into(), BasicGetOptions::default());
        let got = self.link.ask(&action, request).await?;
        self.read += u64::from(got.is_some());
        Ok(got.map(|mut message| {
            let body = Bytes::from(std::mem::take(&mut message.data));
            let letter = DeadLetter::new(&message.properties, body, &self.config);
            (message, letter)
        }))
    }

    /// Ends the walk, of which so many were acknowledged, and waits a moment until the others are back in the queue: RabbitMQ
    /// returns them only after it has answered, and the next look would miss them.
    async fn finish(self, acknowledged: u64) -> Result<(), BrokerError> {
        let request = self.channel.close(200, "OK".into());
        self.link.ask("close the channel", request).await?;
        let returned = self.read.saturating_sub(acknowledged);
        let deadline = Instant::now() + RETURN_LIMIT;
        while Instant::now() < deadline {
            let found = topology::passively(&self.link, &self.queue).await?;
            if found.is_none_or(|found| u64::from(found.message_count()) >= returned) {
                break;
            }
            tokio::time::sleep(RETURN_PAUSE).await;
        }
        Ok(())
    }
}
