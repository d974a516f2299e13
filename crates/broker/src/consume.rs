//! Consuming: a message is acknowledged when its outcome is safe, and not before.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use lapin::Channel;
use lapin::options::{BasicCancelOptions, BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use waybill_broker_rules::Source;
use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::connection::Reconnector;
use crate::error::{BrokerError, words};
use crate::handler::Handler;
use crate::isolated;
use crate::link::Link;
use crate::processor::Processor;
use crate::publish::Publisher;
use crate::received::Received;
use crate::stoppage::Stoppage;

/// The pause before consuming is tried again on a connection that is there.
const PAUSE: Duration = Duration::from_secs(1);

/// A subscription is renewed after one to two such times without any message.
///
/// RabbitMQ does not always report that a subscription has become useless. When a quorum queue is deleted and declared again at
/// once, RabbitMQ 3.10 moves the consumer to the new queue, whose messages then do not arrive.
const IDLE: Duration = Duration::from_secs(10);

/// The interval between checks for messages that are held for too long.
const HOLD_INTERVAL: Duration = Duration::from_millis(250);

/// Consumes the main queue.
pub struct Consumer {
    connection: Arc<Reconnector>,
    publisher: Publisher,
    config: Arc<BrokerConfig>,
    stoppage: Arc<Stoppage>,
}

impl Consumer {
    pub(crate) fn new(
        connection: Arc<Reconnector>,
        publisher: Publisher,
        config: Arc<BrokerConfig>,
        stoppage: Arc<Stoppage>,
    ) -> Self {
        Self { connection, publisher, config, stoppage }
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
        tokio::join!(
            self.run_main(&processor, &stop),
            isolated::run(&self.connection, &self.config, &processor, &stop)
        );
        self.stoppage.end();
    }

    async fn run_main<H: Handler>(&self, processor: &Arc<Processor<H>>, stop: &CancellationToken) {
        while !stop.is_cancelled() && !self.connection.is_closed() {
            if stop.run_until_cancelled(self.connection.connected()).await.is_none() {
                break;
            }
            let Ok(link) = self.connection.link() else { continue };
            // While nothing can be handled, one message is enough to notice the end of that. All others stay in the queue.
            let stalled = processor.stalled();
            match self.subscribe(&link, stalled.is_some()).await {
                Ok(subscription) => {
                    tracing::debug!(queue = self.config.queue, "consuming");
                    match stalled {
                        Some((_, reason)) => self.stoppage.begin(reason),
                        None => self.stoppage.end(),
                    }
                    match self.consume(&link, subscription, processor, stop).await {
                        Ended::Renewed | Ended::Stopped => continue,
                        Ended::Broken(reason) => {
                            if !link.is_lost() {
                                tracing::warn!(
                                    reason,
                                    queue = self.config.queue,
                                    "RabbitMQ ended consuming; trying again"
                                );
                                self.stoppage.begin(reason);
                            }
                        }
                    }
                }
                Err(error) => {
                    let error = with_causes(&error);
                    tracing::warn!(error, queue = self.config.queue, "cannot consume; trying again");
                    self.stoppage.begin(error);
                }
            }
            // On a living connection the queue may be the reason: someone may have deleted it.
            if !link.is_lost() && !stop.is_cancelled() {
                self.connection.declare_again(&link).await;
                stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await;
            }
        }
    }

    async fn subscribe(&self, link: &Link, is_cautious: bool) -> Result<Subscription, BrokerError> {
        let channel = link.channel().await?;
        let queue = self.config.queue.as_str();
        let prefetch = if is_cautious { 1 } else { self.config.prefetch };
        let request = channel.basic_qos(prefetch, BasicQosOptions::default());
        link.ask("set the prefetch", request).await?;
        let options = BasicConsumeOptions::default();
        let request = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default());
        let messages = link.ask(&format!("consume queue `{queue}`"), request).await?;
        Ok(Subscription { channel, messages, is_cautious, opened_at: Instant::now() })
    }

    /// Takes messages from one subscription, until it ends or we stop.
    async fn consume<H: Handler>(
        &self,
        link: &Arc<Link>,
        mut subscription: Subscription,
        processor: &Arc<Processor<H>>,
        stop: &CancellationToken,
    ) -> Ended {
        let concurrency = usize::from(self.config.concurrency);
        let returned = CancellationToken::new();
        // Messages in flight end with the subscription: RabbitMQ delivers them again, and their acknowledgements have nowhere to go.
        let mut in_flight = JoinSet::new();
        let mut hold = tokio::time::interval(HOLD_INTERVAL);
        let mut idle = tokio::time::interval(IDLE);
        let mut was_idle = false;
        loop {
            let next = tokio::select! {
                biased;
                () = stop.cancelled() => {
                    self.drain(link, &subscription, &mut in_flight).await;
                    return Ended::Stopped;
                }
                () = link.lost() => {
                    in_flight.shutdown().await;
                    return Ended::Broken("the connection was lost".to_owned());
                }
                _ = hold.tick() => {
                    let is_over = match processor.stalled() {
                        // RabbitMQ ends the channel of a consumer that holds messages for too long.
                        Some((since, _)) => since.max(subscription.opened_at).elapsed() >= self.config.hold_limit,
                        // It took one message at a time, which is no longer necessary.
                        None => subscription.is_cautious,
                    };
                    if is_over {
                        if in_flight.is_empty() {
                            // Without a message in flight, the end of the outage would go unnoticed.
                            processor.go_on();
                        }
                        returned.cancel();
                        self.drain(link, &subscription, &mut in_flight).await;
                        return Ended::Renewed;
                    }
                    continue;
                }
                Some(ended) = in_flight.join_next() => {
                    log_panic(ended);
                    was_idle = false;
                    continue;
                }
                _ = idle.tick() => {
                    if was_idle && in_flight.is_empty() {
                        return Ended::Renewed;
                    }
                    was_idle = true;
                    continue;
                }
                next = subscription.messages.next(), if in_flight.len() < concurrency => next,
            };
            match next {
                Some(Ok(message)) => {
                    was_idle = false;
                    let received = Received::new(message, link.clone(), Source::Main, returned.clone());
                    in_flight.spawn(processor.clone().process_beside_others(received));
                }
                // RabbitMQ ended the subscription, because the queue was deleted, say, or a message was held for too long. The
                // channel goes with it, so that it returns what it has not settled.
                ended => {
                    in_flight.shutdown().await;
                    let reason = ended.and_then(Result::err).map(|error| words(&error));
                    return Ended::Broken(reason.unwrap_or_else(|| "the queue was deleted".to_owned()));
                }
            }
        }
    }

    /// Begins nothing more, finishes what is in flight, returns the rest.
    async fn drain(&self, link: &Link, subscription: &Subscription, in_flight: &mut JoinSet<()>) {
        let tag = subscription.messages.tag();
        // If this fails, so does the channel, and its messages go back.
        let _ =
            link.ask("cancel", subscription.channel.basic_cancel(tag, BasicCancelOptions::default())).await;
        let settle = async {
            while let Some(ended) = in_flight.join_next().await {
                log_panic(ended);
            }
        };
        if tokio::time::timeout(self.config.drain_timeout, settle).await.is_err() {
            tracing::warn!(
                messages = in_flight.len(),
                "stopped before these messages were handled; they go back"
            );
            in_flight.shutdown().await;
        }
        let _ = link.ask("close the channel", subscription.channel.close(200, "OK".into())).await;
    }
}

enum Ended {
    /// It is to be opened anew at once.
    Renewed,
    /// RabbitMQ ended it, with these words.
    Broken(String),
    Stopped,
}

struct Subscription {
    channel: Channel,
    messages: lapin::Consumer,
    /// It began while nothing could be handled, and takes one message at a time.
    is_cautious: bool,
    opened_at: Instant,
}

fn log_panic(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "settling a message panicked");
    }
}
