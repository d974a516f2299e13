//! Processing of a message: it is handled, and then acknowledged, published for a retry, or published as a dead letter.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::FutureExt;
use lapin::options::BasicAckOptions;
use lapin::types::ShortString;
use parking_lot::Mutex;
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;
use waybill_backoff::Backoff;
use waybill_broker_rules::{
    Outcome, Source, dead_letter, failed_once_more, moved, next, refuse, unreadable_headers,
};
use waybill_contracts::DeliveryError;
use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::counts::Counter;
use crate::error::PublishError;
use crate::handler::{Delivery, Handler};
use crate::message::Message;
use crate::publish::Publisher;
use crate::readable::are_unreadable;
use crate::received::Received;

/// The first and the longest pause while the handler is unavailable, or RabbitMQ does not take a copy.
const PAUSE: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

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
        let (headers, id) = (
            received.message.properties.headers().as_ref(),
            received.message.properties.message_id().as_ref(),
        );
        let size = received.body.len() as u64;
        let refused = refuse(received.source, headers, size, self.config.limits());
        let outcome = match refused {
            Some(outcome) => outcome,
            None if are_unreadable(headers) => unreadable_headers(),
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
                let copy = moved(headers, &subject);
                self.publish(received.to_queue(&self.config.isolated_queue(), copy), &received).await
            }
            Outcome::BackInLine => {
                let copy = moved(headers, &subject);
                self.publish(received.to_queue(&self.config.queue, copy), &received).await
            }
            Outcome::RetryAfter(delay, error) => {
                tracing::warn!(subject, error, ?delay, "handling failed; trying again");
                let copy = failed_once_more(headers, &subject, error);
                self.publish(received.to_queue(&self.config.retry_queue(*delay), copy), &received).await
            }
            Outcome::DeadLetter(cause, error) => {
                tracing::error!(subject, error, %cause, "the message becomes a dead letter");
                let copy = dead_letter(
                    headers,
                    id.map(ShortString::as_str),
                    &subject,
                    &self.config.queue,
                    *cause,
                    error,
                );
                self.publish(received.to_queue(&self.config.dead_letter_queue(), copy), &received).await
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
