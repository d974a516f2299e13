//! Publishing with confirms: a message counts as published when RabbitMQ has stored it, and not before.

use std::sync::{Arc, Weak};
use std::time::Duration;

use lapin::Channel;
use lapin::options::ConfirmSelectOptions;
use lapin::types::ShortString;
use parking_lot::Mutex;
use tokio::sync::Semaphore;
use waybill_telemetry::with_causes;

use crate::batch::send_on;
use crate::config::BrokerConfig;
use crate::connection::Reconnector;
use crate::error::{BrokerError, PublishError};
use crate::guard::Guard;
use crate::link::Link;
use crate::message::{Message, Outgoing};

/// How many batches can be in flight at the same time. Each has a channel of its own.
const MAX_CHANNELS: usize = 32;

/// The interval between checks of a connection that takes no messages.
const AVAILABLE_INTERVAL: Duration = Duration::from_millis(250);

/// Publishes batches of messages. Cheap to clone.
#[derive(Clone)]
pub struct Publisher {
    connection: Arc<Reconnector>,
    config: Arc<BrokerConfig>,
    exchange: ShortString,
    channels: Arc<Channels>,
    guard: Arc<Guard>,
}

struct Channels {
    /// Channels that no batch uses now, each with the connection to which it belongs.
    idle: Mutex<Vec<(Weak<Link>, Channel)>>,
    permits: Semaphore,
}

impl Publisher {
    pub(crate) fn new(connection: Arc<Reconnector>, config: Arc<BrokerConfig>, guard: Arc<Guard>) -> Self {
        let exchange = config.exchange.as_str().into();
        let channels = Channels { idle: Mutex::default(), permits: Semaphore::new(MAX_CHANNELS) };
        Self { connection, config, exchange, channels: Arc::new(channels), guard }
    }

    /// Whether it would be noticed that a policy of RabbitMQ loses messages: the address of the management API is set.
    pub fn sees_policies(&self) -> bool {
        self.guard.sees_policies()
    }

    /// Waits until a batch could be published: connected, not blocked, and no message would be lost.
    pub async fn available(&self) {
        loop {
            self.connection.connected().await;
            let is_blocked = self.connection.link().map_or(true, |link| link.blocked().is_some());
            if !is_blocked && self.guard.losses().is_none() {
                return;
            }
            tokio::time::sleep(AVAILABLE_INTERVAL).await;
        }
    }

    /// Publishes the events, and returns one outcome for each, in the same order.
    ///
    /// `Ok` means that RabbitMQ routed the message to a queue and stored it there. The messages are persistent
    /// and mandatory. At most `confirm_window` of them are unconfirmed at the same time. While there is no connection, or
    /// RabbitMQ blocks us or would lose messages, it returns at once; trying again, with pauses, is the caller's.
    pub async fn publish_batch(&self, batch: Vec<Outgoing>) -> Vec<Result<(), PublishError>> {
        if let Some(reason) = self.guard.losses_now().await {
            return batch.iter().map(|_| Err(PublishError::Lossy(reason.clone()))).collect();
        }
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut messages = Vec::with_capacity(batch.len());
        for outgoing in batch {
            let message = Message::event(&self.exchange, outgoing);
            outcomes.push(message.map(|message| messages.push(message)));
        }
        let mut sent = self.send(&messages).await.into_iter();
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
            *outcome = sent.next().unwrap_or_else(|| Err(PublishError::Lost(None)));
        }
        outcomes
    }

    /// Publishes one message that is complete already.
    pub(crate) async fn send_one(&self, message: &Message) -> Result<(), PublishError> {
        let outcome = self.send(std::slice::from_ref(message)).await.pop();
        outcome.unwrap_or_else(|| Err(PublishError::Lost(None)))
    }

    /// Publishes messages that are complete already.
    pub(crate) async fn send(&self, messages: &[Message]) -> Vec<Result<(), PublishError>> {
        let all = |error: PublishError| messages.iter().map(|_| Err(error.clone())).collect();
        if messages.is_empty() {
            return Vec::new();
        }
        let Ok(_permit) = self.channels.permits.acquire().await else {
            return all(PublishError::Unavailable("closed".to_owned()));
        };
        let (link, channel) = match self.channel().await {
            Ok(both) => both,
            Err(error) => return all(PublishError::Unavailable(error)),
        };
        let batch = send_on(&channel, messages, &self.config).await;
        if batch.is_stuck {
            // What is stuck in the connection must not be sent later.
            link.retire();
        } else if batch.is_clean {
            self.put_back(&link, channel);
        }
        if batch.is_unroutable {
            // Someone may have deleted the exchange or a queue.
            self.connection.declare_again(&link).await;
        }
        self.connection.counts.publish(&batch.outcomes);
        batch.outcomes
    }

    async fn channel(&self) -> Result<(Arc<Link>, Channel), String> {
        let link = self.connection.link().map_err(|error| match error {
            BrokerError::Unavailable(reason) => reason,
            other => with_causes(&other),
        })?;
        if let Some((_, reason)) = link.blocked() {
            return Err(format!("it takes no messages: {reason}"));
        }
        if let Some(channel) = self.take_idle(&link) {
            return Ok((link, channel));
        }
        let open = async {
            let channel = link.channel().await?;
            let request = channel.confirm_select(ConfirmSelectOptions::default());
            link.ask("enable confirms", request).await?;
            Ok::<_, BrokerError>(channel)
        };
        let channel = open.await.map_err(|error| with_causes(&error))?;
        Ok((link, channel))
    }

    fn take_idle(&self, link: &Arc<Link>) -> Option<Channel> {
        let mut idle = self.channels.idle.lock();
        // Channels of connections that are gone go with them.
        idle.retain(|(of, channel)| {
            std::ptr::eq(of.as_ptr(), Arc::as_ptr(link)) && channel.status().connected()
        });
        idle.pop().map(|(_, channel)| channel)
    }

    fn put_back(&self, link: &Arc<Link>, channel: Channel) {
        self.channels.idle.lock().push((Arc::downgrade(link), channel));
    }
}
