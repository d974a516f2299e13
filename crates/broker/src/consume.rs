//! Consuming: a message is acknowledged when its outcome is safe, and not before.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use lapin::Channel;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waybill_telemetry::TraceContext;

use crate::config::BrokerConfig;
use crate::connection::Keeper;
use crate::error::BrokerError;
use crate::headers;
use crate::link::Link;
use crate::publish::Publisher;
use crate::retry::{Desk, Received};

/// The pause before consuming is tried again on a connection that is there.
const PAUSE: Duration = Duration::from_secs(1);

/// A subscription is renewed after one to two such times without any message.
///
/// RabbitMQ does not always tell when a subscription is of no use any more. When a quorum queue is deleted and declared
/// again at once, RabbitMQ 3.10 takes the consumer over into the new queue, and then its messages do not arrive.
const IDLE: Duration = Duration::from_secs(10);

/// A message, as the handler sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// What the message is about: its `type`, else the routing key with which it came through an exchange, else
    /// the queue's name.
    pub subject: String,
    /// The content, as it was published.
    pub body: Bytes,
    /// The property `message-id`, which is the event's id.
    pub message_id: Option<String>,
    /// The trace to which the message belongs.
    pub trace: Option<TraceContext>,
    /// 1 for the first attempt.
    pub attempt: u32,
}

impl Delivery {
    pub(crate) fn new(received: &lapin::message::Delivery, body: Bytes) -> Self {
        let properties = &received.properties;
        let subject = match properties.kind() {
            Some(kind) if !kind.as_str().is_empty() => kind.to_string(),
            // By the default exchange the routing key is the queue's name, which is what is wanted.
            _ => headers::text(properties, headers::SUBJECT)
                .unwrap_or_else(|| received.routing_key.to_string()),
        };
        Self {
            subject,
            body,
            message_id: properties.message_id().as_ref().map(ToString::to_string),
            trace: headers::trace(properties),
            attempt: headers::number(properties, headers::ATTEMPT).saturating_add(1),
        }
    }
}

/// Why a message was not handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandlerError {
    /// It may go better later.
    Retry(String),
    /// Nothing can be handled now, because what the handler needs is away. That is not the message's fault: it stays
    /// in hand and is tried again with growing pauses, without counting as an attempt, and consuming stands still
    /// meanwhile.
    Unavailable(String),
    /// It will never go better: the message becomes a dead letter at once.
    Reject(String),
}

/// What is done with each message.
///
/// A message can come more than once: again after a lost connection, and twice at the same time if the first
/// handling is still going on then. So handling has to be idempotent, by a permanent unique key.
pub trait Handler: Send + Sync + 'static {
    /// Handles one message. `Ok` means that its effect is durable: the message is acknowledged then.
    fn handle(&self, delivery: Delivery) -> impl Future<Output = Result<(), HandlerError>> + Send;
}

/// Consumes the main queue.
pub struct Consumer {
    keeper: Arc<Keeper>,
    publisher: Publisher,
    config: Arc<BrokerConfig>,
}

impl Consumer {
    pub(crate) fn new(keeper: Arc<Keeper>, publisher: Publisher, config: Arc<BrokerConfig>) -> Self {
        Self { keeper, publisher, config }
    }

    /// Handles messages until `stop`, through any number of lost connections.
    ///
    /// After `stop` no message is begun any more. It returns when those in hand are settled, or after
    /// `drain_timeout`; what is not settled then goes back to the queue.
    pub async fn run<H: Handler>(&self, handler: H, stop: CancellationToken) {
        let desk = Arc::new(Desk::new(
            handler,
            self.publisher.clone(),
            self.config.clone(),
            stop.clone(),
            self.keeper.counts.clone(),
        ));
        let mut in_hand = JoinSet::new();
        while !stop.is_cancelled() && !self.keeper.is_closed() {
            if stop.run_until_cancelled(self.keeper.connected()).await.is_none() {
                break;
            }
            let Ok(link) = self.keeper.link() else { continue };
            match self.subscribe(&link).await {
                Ok(subscription) => {
                    tracing::debug!(queue = self.config.queue, "consuming");
                    if self.consume(&link, subscription, &desk, &mut in_hand, &stop).await == Ended::Idle {
                        continue;
                    }
                }
                Err(error) => {
                    tracing::warn!(%error, queue = self.config.queue, "cannot consume; trying again");
                }
            }
            // On a living connection the queue may be the reason: someone may have deleted it.
            if !link.is_lost() && !stop.is_cancelled() {
                self.keeper.declare_again(&link).await;
                stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
            }
        }
        // What remains belongs to connections that are gone: its acknowledgements have nowhere to go.
        in_hand.shutdown().await;
    }

    async fn subscribe(&self, link: &Link) -> Result<Subscription, BrokerError> {
        let channel = link.channel().await?;
        let queue = self.config.queue.as_str();
        let refused = |error| BrokerError::Refused {
            action: format!("consume queue `{queue}`"),
            reason: crate::error::reason(&error),
        };
        let request = channel.basic_qos(self.config.prefetch, BasicQosOptions::default());
        link.ask("prefetch", request).await?.map_err(refused)?;
        let options = BasicConsumeOptions::default();
        let request = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        let messages = link.ask("consume", request).await?.map_err(refused)?;
        Ok(Subscription { channel, messages })
    }

    /// Takes messages from one subscription, until it ends or we stop.
    async fn consume<H: Handler>(
        &self,
        link: &Arc<Link>,
        mut subscription: Subscription,
        desk: &Arc<Desk<H>>,
        in_hand: &mut JoinSet<()>,
        stop: &CancellationToken,
    ) -> Ended {
        let concurrency = usize::from(self.config.concurrency);
        let mut idle = tokio::time::interval(IDLE);
        let mut was_idle = false;
        loop {
            let next = tokio::select! {
                biased;
                () = stop.cancelled() => {
                    self.drain(link, &subscription, in_hand).await;
                    return Ended::Stopped;
                }
                () = link.lost() => return Ended::Broken,
                Some(ended) = in_hand.join_next() => {
                    log_panic(ended);
                    was_idle = false;
                    continue;
                }
                _ = idle.tick() => {
                    if was_idle && in_hand.is_empty() {
                        return Ended::Idle;
                    }
                    was_idle = true;
                    continue;
                }
                next = subscription.messages.next(), if in_hand.len() < concurrency => next,
            };
            match next {
                Some(Ok(message)) => {
                    was_idle = false;
                    let received = Received::new(message, link.clone());
                    in_hand.spawn(desk.clone().attend(received));
                }
                // RabbitMQ ended the subscription, because the queue was deleted, say. The channel goes with it,
                // so that it returns what it has not settled.
                Some(Err(_)) | None => return Ended::Broken,
            }
        }
    }

    /// Begins nothing more, finishes what is in hand, returns the rest.
    async fn drain(&self, link: &Link, subscription: &Subscription, in_hand: &mut JoinSet<()>) {
        let tag = subscription.messages.tag();
        // If this fails, so does the channel, and its messages go back.
        let _ =
            link.ask("cancel", subscription.channel.basic_cancel(tag, BasicCancelOptions::default())).await;
        let settle = async {
            while let Some(ended) = in_hand.join_next().await {
                log_panic(ended);
            }
        };
        if tokio::time::timeout(self.config.drain_timeout, settle).await.is_err() {
            tracing::warn!(
                messages = in_hand.len(),
                "stopped before these messages were handled; they go back"
            );
            in_hand.shutdown().await;
        }
        let _ = link.ask("close the channel", subscription.channel.close(200, "OK".into())).await;
    }
}

#[derive(PartialEq)]
enum Ended {
    Idle,
    Broken,
    Stopped,
}

struct Subscription {
    channel: Channel,
    messages: lapin::Consumer,
}

fn log_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "settling a message panicked");
    }
}
