//! Reading, replaying and discarding dead letters.
//!
//! Messages are taken from the queue one by one without acknowledgement, so that the end of the walk, or a kill at any
//! time, puts them back. Only a replayed (and confirmed) or a discarded one is acknowledged. Walks take turns
//! (`reading_lock.rs`), and none waits for a person or another server than RabbitMQ.
//!
//! A quorum queue puts what comes back in front of what was never read, but behind what came back before. So a walk
//! to the end keeps the order, and one that is broken off does not.

use std::ops::ControlFlow;
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, stream};
use lapin::message::BasicGetMessage;
use lapin::options::BasicAckOptions;
use waybill_broker_rules::headers::{self, Headers};

use crate::carried::carried;
use crate::config::BrokerConfig;
use crate::connection::Reconnector;
use crate::dead_letter::{DeadLetter, Selector};
use crate::error::BrokerError;
use crate::link::Link;
use crate::message::{Message, short};
use crate::publish::Publisher;
use crate::reading_lock::ReadingLock;
use crate::walk::Walk;

/// How many dead letters are listed, and how many bytes of them.
const LISTED: (usize, usize) = (100_000, 128 << 20);
/// Messages that are replayed before their outcomes are checked.
const CHUNK: usize = 64;
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
    /// How many dead letters matched.
    pub matched: u64,
    /// How many of them were replayed or discarded; none in a dry run.
    pub done: u64,
}

/// The dead letters of the main queue.
pub struct DeadLetters {
    connection: Arc<Reconnector>,
    publisher: Publisher,
    config: Arc<BrokerConfig>,
    reading: Arc<ReadingLock>,
}

impl DeadLetters {
    pub(crate) fn new(
        connection: Arc<Reconnector>,
        publisher: Publisher,
        config: Arc<BrokerConfig>,
        reading: Arc<ReadingLock>,
    ) -> Self {
        Self { connection, publisher, config, reading }
    }

    /// All dead letters, oldest first; the first 100,000, or 128 MiB of them, if there are more.
    ///
    /// They are all read before the first one comes: RabbitMQ shows them to nobody else meanwhile, however slowly the stream
    /// is read.
    pub async fn list(
        &self,
    ) -> Result<impl Stream<Item = Result<DeadLetter, BrokerError>> + use<>, BrokerError> {
        let (mut letters, mut bytes) = (Vec::new(), 0);
        let left = self
            .visit(|letter| {
                bytes += letter.size();
                letters.push(Ok(letter));
                if letters.len() == LISTED.0 || bytes >= LISTED.1 {
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            })
            .await?;
        if left > 0 {
            tracing::warn!(
                listed = letters.len(),
                left,
                "not all dead letters are listed; there are too many"
            );
        }
        Ok(stream::iter(letters))
    }

    /// Gives each dead letter to `visitor`, oldest first, until it breaks off, and returns how many it was not given. What it does not
    /// keep takes no memory. RabbitMQ shows dead letters to nobody else meanwhile, so it must not wait for anything.
    pub async fn visit(
        &self,
        mut visitor: impl FnMut(DeadLetter) -> ControlFlow<()>,
    ) -> Result<u32, BrokerError> {
        let mut walk = self.walk().await?;
        while let Some((_, letter)) = walk.next().await? {
            if visitor(letter).is_break() {
                break;
            }
        }
        let left = walk.left();
        walk.finish(0).await?;
        Ok(left)
    }

    /// The dead letter of that name.
    pub async fn get(&self, id: &str) -> Result<Option<DeadLetter>, BrokerError> {
        let mut found = None;
        // To the end, so that the order stays.
        self.visit(|letter| {
            if found.is_none() && letter.id == id {
                found = Some(letter);
            }
            ControlFlow::Continue(())
        })
        .await?;
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
                report.done += self.publish(walk.link(), &mut chunk).await?;
            }
        }
        report.done += self.publish(walk.link(), &mut chunk).await?;
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
            acknowledge(walk.link(), &message).await?;
            report.done += 1;
        }
        walk.finish(report.done).await?;
        Ok(report)
    }

    async fn walk(&self) -> Result<Walk, BrokerError> {
        let link = self.connection.link_within(self.config.request_timeout).await?;
        Walk::begin(link, self.config.clone(), &self.reading).await
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
    let mut headers = Headers::carried(message.properties.headers().as_ref())
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
        properties: carried(&message.properties, headers),
        body,
    })
}
