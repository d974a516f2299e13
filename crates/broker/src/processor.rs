//! Processing of a message: it is handled, and then acknowledged, published for a retry, or published as a dead letter.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use lapin::options::BasicAckOptions;
use parking_lot::Mutex;
use tokio::sync::RwLock;
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
use crate::headers;
use crate::message::Message;
use crate::publish::Publisher;
use crate::received::{Received, Source, failed, moved_to, to_queue};
use crate::retry::{Outcome, next};

/// The first and the longest pause while the handler is unavailable, or RabbitMQ does not take a copy.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// The redeliveries after which a message is isolated. The count does not say whether this message or another one ended the
/// processes that held it, and RabbitMQ also counts messages that were only prefetched.
const SUSPECT: u32 = 3;

/// Handles and settles messages.
pub(crate) struct Processor<H> {
    handler: H,
    publisher: Publisher,
    config: Arc<BrokerConfig>,
    stop: CancellationToken,
    counts: Arc<Counter>,
    /// Since when no message can be handled or moved, and why.
    stalled: Mutex<Option<(Instant, String)>>,
    /// Held for writing by an isolated message, and for reading by all others.
    pub(crate) exclusive: RwLock<()>,
}

impl<H: Handler> Processor<H> {
    pub(crate) fn new(
        handler: H,
        publisher: Publisher,
        config: Arc<BrokerConfig>,
        stop: CancellationToken,
        counts: Arc<Counter>,
    ) -> Self {
        Self {
            handler,
            publisher,
            config,
            stop,
            counts,
            stalled: Mutex::default(),
            exclusive: RwLock::default(),
        }
    }

    /// Since when no message can be handled or moved, and why.
    pub(crate) fn stalled(&self) -> Option<(Instant, String)> {
        self.stalled.lock().clone()
    }

    fn stall(&self, reason: &str) {
        let mut stalled = self.stalled.lock();
        if stalled.is_none() {
            tracing::warn!(
                reason,
                "no message can be handled; messages stay unacknowledged, or go back to their queue"
            );
            *stalled = Some((Instant::now(), reason.to_owned()));
        }
    }

    pub(crate) fn go_on(&self) {
        if self.stalled.lock().take().is_some() {
            tracing::info!("messages are handled again");
        }
    }

    /// Handles one message beside others, but never beside an isolated one.
    pub(crate) async fn process_beside_others(self: Arc<Self>, received: Received) {
        let _beside_others = tokio::select! {
            permit = self.exclusive.read() => permit,
            () = received.returned.cancelled() => return,
            () = self.stop.cancelled() => return,
        };
        self.process(received).await;
    }

    /// Handles one message and settles it.
    pub(crate) async fn process(&self, received: Received) {
        let _in_flight = self.counts.deliver();
        let delivery = Delivery::new(&received.message, received.body.clone());
        let subject = delivery.subject.clone();
        let outcome = match self.refuse(&received) {
            Some(outcome) => outcome,
            None => self.handle(delivery, &received).await,
        };
        let moved = match &outcome {
            Outcome::Handled => true,
            Outcome::Returned => false,
            Outcome::Isolated => {
                tracing::warn!(
                    subject,
                    "a message was in flight at several lost connections and is handled alone"
                );
                self.publish(moved_to(&self.config.isolated_queue(), &received, &subject), &received).await
            }
            Outcome::BackInLine => {
                self.publish(moved_to(&self.config.queue, &received, &subject), &received).await
            }
            Outcome::RetryAfter(delay, error) => {
                tracing::warn!(subject, error, ?delay, "handling failed; trying again");
                self.publish(self.retry(&received, &subject, *delay, error), &received).await
            }
            Outcome::DeadLetter(cause, error) => {
                tracing::error!(subject, error, %cause, "the message becomes a dead letter");
                self.publish(self.dead_letter(&received, &subject, *cause, error), &received).await
            }
        };
        match &outcome {
            _ if !moved => {}
            Outcome::Handled => self.counts.acknowledge(),
            Outcome::Returned | Outcome::Isolated | Outcome::BackInLine => {}
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
        match received.source {
            Source::Main if deliveries >= SUSPECT => Some(Outcome::Isolated),
            Source::Isolated if deliveries >= u32::from(self.config.crash_limit) => {
                let error = format!(
                    "it was handled {deliveries} times alone, and each time the process or its connection died"
                );
                Some(Outcome::DeadLetter(Cause::CrashLoop, error))
            }
            Source::Main | Source::Isolated => None,
        }
    }

    /// Calls the handler until there is an outcome, however long it is unavailable.
    async fn handle(&self, delivery: Delivery, received: &Received) -> Outcome {
        let mut backoff = Backoff::new(PAUSE.0, PAUSE.1);
        loop {
            let error = match self.attempt(delivery.clone()).await {
                Ok(()) => {
                    self.go_on();
                    return Outcome::Handled;
                }
                Err(DeliveryError::Unavailable(error)) => error,
                Err(error) => {
                    self.go_on();
                    return next(&self.config.retry_delays, delivery.attempt, error);
                }
            };
            self.stall(&format!("the handler is unavailable: {error}"));
            if received.source == Source::Isolated {
                // The attempt has ended and the process lives, so this message does not crash it.
                return Outcome::BackInLine;
            }
            tokio::select! {
                () = self.stop.cancelled() => return Outcome::Returned,
                () = received.link.lost() => return Outcome::Returned,
                () = received.returned.cancelled() => return Outcome::Returned,
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

    /// Publishes until it is confirmed, or until the received message is returned or its connection lost.
    ///
    /// While RabbitMQ does not take the copy, the original stays in flight and unacknowledged. It occupies a place
    /// of those handled at the same time, so that consuming slows down to what RabbitMQ can do.
    async fn publish(&self, message: Message, received: &Received) -> bool {
        let mut backoff = Backoff::new(PAUSE.0, PAUSE.1);
        let mut had_failed = false;
        loop {
            match self.publisher.send_one(&message).await {
                Ok(()) => {
                    if had_failed {
                        self.go_on();
                    }
                    return true;
                }
                Err(error @ PublishError::Invalid(_)) => {
                    tracing::error!(%error, "a message cannot be moved and stays in its queue");
                    return false;
                }
                Err(error) => {
                    let error = with_causes(&error);
                    tracing::warn!(error, queue = %message.routing_key, "a message cannot be moved; trying again");
                    had_failed = true;
                    self.stall(&format!(
                        "a message cannot be moved to queue `{}`: {error}",
                        message.routing_key
                    ));
                }
            }
            tokio::select! {
                () = received.link.lost() => return false,
                () = received.returned.cancelled() => return false,
                () = tokio::time::sleep(backoff.next_delay()) => {}
            }
        }
    }
}
