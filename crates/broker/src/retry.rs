//! What becomes of a message: acknowledged, to be tried again, or a dead letter.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use lapin::message;
use lapin::options::BasicAckOptions;
use rand::Rng;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::config::BrokerConfig;
use crate::consume::{Delivery, Handler, HandlerError};
use crate::counts::Counts;
use crate::error::PublishError;
use crate::headers::{self, Headers};
use crate::link::Link;
use crate::publish::{Message, Publisher};

/// The pauses between attempts while what the handler needs is away: the first, and the longest.
const AWAY_PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Why a message became a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The handler said that it can never be handled.
    Rejected,
    /// The last attempt failed.
    RetriesExhausted,
    /// The process died each time it was handled.
    CrashLoop,
    /// Its body is larger than allowed.
    TooLarge,
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rejected => "rejected",
            Self::RetriesExhausted => "retries-exhausted",
            Self::CrashLoop => "crash-loop",
            Self::TooLarge => "too-large",
        })
    }
}

#[derive(Debug, PartialEq)]
enum Outcome {
    Handled,
    /// It is somebody else's now: the message goes back to its queue when the channel closes.
    Returned,
    RetryAfter(Duration, String),
    DeadLetter(Cause, String),
}

/// A message in hand, with the connection on which it has to be acknowledged.
pub(crate) struct Received {
    message: message::Delivery,
    body: Bytes,
    link: Arc<Link>,
}

impl Received {
    pub(crate) fn new(mut message: message::Delivery, link: Arc<Link>) -> Self {
        let body = Bytes::from(std::mem::take(&mut message.data));
        Self { message, body, link }
    }
}

/// Where messages are handled and settled.
pub(crate) struct Desk<H> {
    handler: H,
    publisher: Publisher,
    config: Arc<BrokerConfig>,
    stop: CancellationToken,
    counts: Arc<Counts>,
    /// Whether what the handler needs is away, so that only the beginning and the end of that are logged.
    away: AtomicBool,
}

impl<H: Handler> Desk<H> {
    pub(crate) fn new(
        handler: H,
        publisher: Publisher,
        config: Arc<BrokerConfig>,
        stop: CancellationToken,
        counts: Arc<Counts>,
    ) -> Self {
        Self { handler, publisher, config, stop, counts, away: AtomicBool::new(false) }
    }

    /// Brings one message to its end.
    pub(crate) async fn attend(self: Arc<Self>, received: Received) {
        let _in_hand = self.counts.deliver();
        let delivery = Delivery::new(&received.message, received.body.clone());
        let subject = delivery.subject.clone();
        let outcome = match self.refuse(&received) {
            Some(outcome) => outcome,
            None => self.handle(delivery, &received.link).await,
        };
        let moved = match &outcome {
            Outcome::Handled => true,
            Outcome::Returned => false,
            Outcome::RetryAfter(delay, error) => {
                tracing::warn!(subject, error, ?delay, "handling failed; trying again");
                self.publish(self.retry(&received, &subject, *delay, error), &received.link).await
            }
            Outcome::DeadLetter(cause, error) => {
                tracing::error!(subject, error, %cause, "the message becomes a dead letter");
                self.publish(self.dead_letter(&received, &subject, *cause, error), &received.link).await
            }
        };
        match &outcome {
            _ if !moved => {}
            Outcome::Handled => self.counts.acknowledge(),
            Outcome::Returned => {}
            Outcome::RetryAfter(delay, _) => self.counts.retry(*delay),
            Outcome::DeadLetter(cause, _) => self.counts.bury(*cause),
        }
        if moved {
            let acknowledgement = received.message.acker.ack(BasicAckOptions::default());
            // An acknowledgement on a lost connection goes nowhere, which is right: the message comes again.
            match received.link.ask("acknowledge", acknowledgement).await {
                Ok(Ok(_)) => {}
                Ok(Err(error)) => tracing::debug!(%error, "late acknowledgement"),
                Err(error) => tracing::debug!(%error, "late acknowledgement"),
            }
        }
    }

    /// Messages that are not handled at all.
    fn refuse(&self, received: &Received) -> Option<Outcome> {
        let size = received.body.len();
        if size > self.config.max_body_bytes {
            let error = format!("the body has {size} bytes, more than {}", self.config.max_body_bytes);
            return Some(Outcome::DeadLetter(Cause::TooLarge, error));
        }
        let deliveries = headers::delivery_count(&received.message.properties);
        if deliveries >= u32::from(self.config.crash_limit) {
            let error = format!(
                "it was delivered {deliveries} times, and each time the process or its connection died"
            );
            return Some(Outcome::DeadLetter(Cause::CrashLoop, error));
        }
        None
    }

    /// Lets the handler try until there is an outcome, however long what it needs is away.
    async fn handle(&self, delivery: Delivery, link: &Link) -> Outcome {
        let mut pause = AWAY_PAUSE.0;
        loop {
            let error = match self.attempt(delivery.clone()).await {
                Ok(()) => {
                    if self.away.swap(false, Ordering::Relaxed) {
                        tracing::info!("messages are handled again");
                    }
                    return Outcome::Handled;
                }
                Err(HandlerError::Unavailable(error)) => error,
                Err(error) => return next(&self.config.retry_delays, delivery.attempt, error),
            };
            if !self.away.swap(true, Ordering::Relaxed) {
                tracing::warn!(error, "no message can be handled now; they wait");
            }
            tokio::select! {
                () = self.stop.cancelled() => return Outcome::Returned,
                () = link.lost() => return Outcome::Returned,
                () = tokio::time::sleep(pause.mul_f64(rand::rng().random_range(0.5..=1.0))) => {}
            }
            pause = (pause * 2).min(AWAY_PAUSE.1);
        }
    }

    async fn attempt(&self, delivery: Delivery) -> Result<(), HandlerError> {
        let limit = self.config.handling_timeout;
        // A panic in the handler is a failed attempt. Without this the message would stay in hand for ever.
        let handling = AssertUnwindSafe(self.handler.handle(delivery)).catch_unwind();
        match tokio::time::timeout(limit, handling).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(HandlerError::Retry("the handler panicked".to_owned())),
            Err(_) => Err(HandlerError::Retry(format!("the handler took longer than {limit:?}"))),
        }
    }

    fn retry(&self, received: &Received, subject: &str, delay: Duration, error: &str) -> Message {
        let properties = &received.message.properties;
        let attempts = headers::number(properties, headers::ATTEMPT).saturating_add(1);
        let headers = failed(received, subject, error).number(headers::ATTEMPT, attempts);
        to_queue(&self.config.retry_queue(delay), received, headers)
    }

    fn dead_letter(&self, received: &Received, subject: &str, cause: Cause, error: &str) -> Message {
        let properties = &received.message.properties;
        let mut attempts = headers::number(properties, headers::ATTEMPT);
        if matches!(cause, Cause::Rejected | Cause::RetriesExhausted) {
            attempts = attempts.saturating_add(1);
        }
        let id = properties.message_id().as_ref().map(ToString::to_string).filter(|id| !id.is_empty());
        let headers = failed(received, subject, error)
            .number(headers::ATTEMPT, attempts)
            .text(headers::CAUSE, &cause.to_string())
            .text(headers::FAILED_AT, &headers::now())
            .text(headers::QUEUE, &self.config.queue)
            .text(headers::DEAD_LETTER_ID, &id.unwrap_or_else(|| Uuid::now_v7().to_string()));
        to_queue(&self.config.dead_letter_queue(), received, headers)
    }

    /// Publishes until it is confirmed, or until the received message is somebody else's.
    ///
    /// While RabbitMQ does not take the copy, the original stays in hand and unacknowledged. It occupies a place
    /// of those handled at the same time, so that consuming slows down to what RabbitMQ can do. Returning it to
    /// the queue would bring it back at once, and count as a crash.
    async fn publish(&self, message: Message, link: &Link) -> bool {
        let mut pause = Duration::from_millis(100);
        loop {
            match self.publisher.send_one(&message).await {
                Ok(()) => return true,
                Err(error @ PublishError::Invalid(_)) => {
                    tracing::error!(%error, "a message cannot be moved and stays in its queue");
                    return false;
                }
                Err(error) => {
                    tracing::warn!(%error, queue = %message.routing_key, "a message cannot be moved; trying again");
                }
            }
            tokio::select! {
                () = link.lost() => return false,
                () = tokio::time::sleep(pause.mul_f64(rand::rng().random_range(0.5..=1.0))) => {}
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }
}

/// What follows a failed attempt.
fn next(delays: &[Duration], attempt: u32, error: HandlerError) -> Outcome {
    match error {
        HandlerError::Reject(error) => Outcome::DeadLetter(Cause::Rejected, error),
        HandlerError::Retry(error) | HandlerError::Unavailable(error) => {
            let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
            match delays.get(index) {
                Some(delay) => Outcome::RetryAfter(*delay, error),
                None => Outcome::DeadLetter(Cause::RetriesExhausted, error),
            }
        }
    }
}

/// The headers of a message that failed once more. Its routing key is the name of a queue from here on.
fn failed(received: &Received, subject: &str, error: &str) -> Headers {
    let properties = &received.message.properties;
    let first = headers::text(properties, headers::FIRST_FAILED_AT).unwrap_or_else(headers::now);
    Headers::carried(properties)
        .text(headers::SUBJECT, subject)
        .text(headers::FIRST_FAILED_AT, &first)
        .error(headers::LAST_ERROR, error)
}

fn to_queue(queue: &str, received: &Received, headers: Headers) -> Message {
    Message {
        exchange: "".into(),
        routing_key: queue.into(),
        properties: headers::carried(&received.message.properties, headers),
        body: received.body.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_is_walked_step_by_step_and_then_ends() {
        let delays = [1, 10].map(Duration::from_secs);
        let step = |attempt| next(&delays, attempt, HandlerError::Retry("no".into()));
        assert_eq!(step(1), Outcome::RetryAfter(delays[0], "no".into()));
        assert_eq!(step(2), Outcome::RetryAfter(delays[1], "no".into()));
        assert_eq!(step(3), Outcome::DeadLetter(Cause::RetriesExhausted, "no".into()));
        assert_eq!(step(u32::MAX), Outcome::DeadLetter(Cause::RetriesExhausted, "no".into()));
        let rejected = next(&delays, 1, HandlerError::Reject("bad".into()));
        assert_eq!(rejected, Outcome::DeadLetter(Cause::Rejected, "bad".into()));
    }
}
