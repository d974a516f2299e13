//! Processing of a message: it is handled, and then acknowledged, published for a retry, or published as a dead letter.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use lapin::message;
use lapin::options::BasicAckOptions;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use waybill_backoff::Backoff;
use waybill_contracts::DeliveryError;
use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::counts::Counter;
use crate::dead_letter::Cause;
use crate::error::PublishError;
use crate::handler::{Delivery, Handler};
use crate::headers::{self, Headers};
use crate::link::Link;
use crate::message::Message;
use crate::publish::Publisher;
use crate::retry::{Outcome, next};

/// The first and the longest pause while the handler is unavailable, or RabbitMQ does not take a copy.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// A message in flight, with the connection on which it has to be acknowledged.
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

/// Handles and settles messages.
pub(crate) struct Processor<H> {
    handler: H,
    publisher: Publisher,
    config: Arc<BrokerConfig>,
    stop: CancellationToken,
    counts: Arc<Counter>,
    /// Whether the handler is unavailable, so that only the beginning and the end of that are logged.
    unavailable: AtomicBool,
}

impl<H: Handler> Processor<H> {
    pub(crate) fn new(
        handler: H,
        publisher: Publisher,
        config: Arc<BrokerConfig>,
        stop: CancellationToken,
        counts: Arc<Counter>,
    ) -> Self {
        Self { handler, publisher, config, stop, counts, unavailable: AtomicBool::new(false) }
    }

    /// Handles one message and settles it.
    pub(crate) async fn process(self: Arc<Self>, received: Received) {
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
            Outcome::DeadLetter(cause, _) => self.counts.dead_letter(*cause),
        }
        // An acknowledgement on a lost connection goes nowhere, which is right: the message comes again.
        if moved {
            let acknowledgement = received.message.acker.ack(BasicAckOptions::default());
            if let Err(error) = received.link.ask("acknowledge", acknowledgement).await {
                tracing::debug!(%error, "late acknowledgement");
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

    /// Calls the handler until there is an outcome, however long it is unavailable.
    async fn handle(&self, delivery: Delivery, link: &Link) -> Outcome {
        let mut backoff = Backoff::new(PAUSE.0, PAUSE.1);
        loop {
            let error = match self.attempt(delivery.clone()).await {
                Ok(()) => {
                    if self.unavailable.swap(false, Ordering::Relaxed) {
                        tracing::info!("messages are handled again");
                    }
                    return Outcome::Handled;
                }
                Err(DeliveryError::Unavailable(error)) => error,
                Err(error) => return next(&self.config.retry_delays, delivery.attempt, error),
            };
            if !self.unavailable.swap(true, Ordering::Relaxed) {
                tracing::warn!(error, "the handler is unavailable; messages stay unacknowledged");
            }
            tokio::select! {
                () = self.stop.cancelled() => return Outcome::Returned,
                () = link.lost() => return Outcome::Returned,
                () = tokio::time::sleep(backoff.next_delay()) => {}
            }
        }
    }

    async fn attempt(&self, delivery: Delivery) -> Result<(), DeliveryError> {
        let limit = self.config.handling_timeout;
        // A panic in the handler is a failed attempt. Without this the message would stay in flight.
        let handling = AssertUnwindSafe(self.handler.handle(delivery)).catch_unwind();
        match tokio::time::timeout(limit, handling).await {
            Ok(Ok(result)) => result,
            Ok(Err(_)) => Err(DeliveryError::Failed("the handler panicked".to_owned())),
            Err(_) => Err(DeliveryError::Failed(format!("the handler took longer than {limit:?}"))),
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

    /// Publishes until it is confirmed, or until the connection of the received message is lost.
    ///
    /// While RabbitMQ does not take the copy, the original stays in flight and unacknowledged. It occupies a place
    /// of those handled at the same time, so that consuming slows down to what RabbitMQ can do. Returning it to
    /// the queue would bring it back at once, and count as a crash.
    async fn publish(&self, message: Message, link: &Link) -> bool {
        let mut backoff = Backoff::new(PAUSE.0, PAUSE.1);
        loop {
            match self.publisher.send_one(&message).await {
                Ok(()) => return true,
                Err(error @ PublishError::Invalid(_)) => {
                    tracing::error!(%error, "a message cannot be moved and stays in its queue");
                    return false;
                }
                Err(error) => {
                    let error = with_causes(&error);
                    tracing::warn!(error, queue = %message.routing_key, "a message cannot be moved; trying again");
                }
            }
            tokio::select! {
                () = link.lost() => return false,
                () = tokio::time::sleep(backoff.next_delay()) => {}
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
