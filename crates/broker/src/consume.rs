//! Consuming: a message is acknowledged when its outcome is safe, and not before.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use lapin::Channel;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::connection::Reconnector;
use crate::error::BrokerError;
use crate::handler::Handler;
use crate::link::Link;
use crate::processor::{Processor, Received};
use crate::publish::Publisher;

/// The pause before consuming is tried again on a connection that is there.
const PAUSE: Duration = Duration::from_secs(1);

/// A subscription is renewed after one to two such times without any message.
///
/// RabbitMQ does not always report that a subscription has become useless. When a quorum queue is deleted and declared again at
/// once, RabbitMQ 3.10 moves the consumer to the new queue, whose messages then do not arrive.
const IDLE: Duration = Duration::from_secs(10);

/// Consumes the main queue.
pub struct Consumer {
    connection: Arc<Reconnector>,
    publisher: Publisher,
    config: Arc<BrokerConfig>,
}

impl Consumer {
    pub(crate) fn new(connection: Arc<Reconnector>, publisher: Publisher, config: Arc<BrokerConfig>) -> Self {
        Self { connection, publisher, config }
    }

    /// Handles messages until `stop`, through any number of lost connections.
    ///
    /// After `stop` it begins no message. It returns when those in flight are settled, or after `drain_timeout`; what is not settled
    /// then goes back to the queue.
    pub async fn run<H: Handler>(&self, handler: H, stop: CancellationToken) {
        let processor = Arc::new(Processor::new(
            handler,
            self.publisher.clone(),
            self.config.clone(),
            stop.clone(),
            self.connection.counts.clone(),
        ));
        let mut in_hand = JoinSet::new();
        while !stop.is_cancelled() && !self.connection.is_closed() {
            if stop.run_until_cancelled(self.connection.connected()).await.is_none() {
                break;
            }
            let Ok(link) = self.connection.link() else { continue };
            match self.subscribe(&link).await {
                Ok(subscription) => {
                    tracing::debug!(queue = self.config.queue, "consuming");
                    if self.consume(&link, subscription, &processor, &mut in_hand, &stop).await == Ended::Idle
                    {
                        continue;
                    }
                }
                Err(error) => {
                    let error = with_causes(&error);
                    tracing::warn!(error, queue = self.config.queue, "cannot consume; trying again");
                }
            }
            // On a living connection the queue may be the reason: someone may have deleted it.
            if !link.is_lost() && !stop.is_cancelled() {
                self.connection.declare_again(&link).await;
                stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
            }
        }
        // What remains belongs to connections that are gone: its acknowledgements have nowhere to go.
        in_hand.shutdown().await;
    }

    async fn subscribe(&self, link: &Link) -> Result<Subscription, BrokerError> {
        let channel = link.channel().await?;
        let queue = self.config.queue.as_str();
        let request = channel.basic_qos(self.config.prefetch, BasicQosOptions::default());
        link.ask("set the prefetch", request).await?;
        let options = BasicConsumeOptions::default();
        let request = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        let messages = link.ask(&format!("consume queue `{queue}`"), request).await?;
        Ok(Subscription { channel, messages })
    }

    /// Takes messages from one subscription, until it ends or we stop.
    async fn consume<H: Handler>(
        &self,
        link: &Arc<Link>,
        mut subscription: Subscription,
        processor: &Arc<Processor<H>>,
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
                    in_hand.spawn(processor.clone().process(received));
                }
                // RabbitMQ ended the subscription, because the queue was deleted, say. The channel goes with it,
                // so that it returns what it has not settled.
                Some(Err(_)) | None => return Ended::Broken,
            }
        }
    }

    /// Begins nothing more, finishes what is in flight, returns the rest.
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
