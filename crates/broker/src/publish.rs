//! Publishing with confirms: a message counts as published when RabbitMQ has stored it, and not before.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use lapin::message::BasicReturnMessage;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::ShortString;
use lapin::{BasicProperties, Channel, Confirmation};
use tokio::sync::Semaphore;
use tokio::time::Instant;
use waybill_telemetry::TraceContext;

use crate::config::BrokerConfig;
use crate::connection::Keeper;
use crate::error::{BrokerError, PublishError, reason, reply_code};
use crate::headers::Headers;
use crate::link::Link;

/// How many batches can be under way at the same time. Each has a channel of its own.
const MAX_CHANNELS: usize = 32;

/// An event on its way to the exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The event's id, which becomes the property `message-id`.
    pub message_id: String,
    /// The event's type, `order.created`, which becomes the routing key and the property `type`.
    pub event_type: String,
    /// The event, as JSON.
    pub body: Bytes,
    /// When the event happened, in seconds since 1970.
    pub created_at_unix_s: u64,
    /// The trace to which it belongs.
    pub trace: Option<TraceContext>,
}

/// A message with everything that RabbitMQ is to be told about it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) exchange: ShortString,
    pub(crate) routing_key: ShortString,
    pub(crate) properties: BasicProperties,
    pub(crate) body: Bytes,
}

impl Message {
    fn event(exchange: &ShortString, outgoing: Outgoing) -> Result<Self, PublishError> {
        let event_type = short("type", outgoing.event_type)?;
        let headers = Headers::default().trace(outgoing.trace.as_ref());
        let mut properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_message_id(short("id", outgoing.message_id)?)
            .with_type(event_type.clone())
            .with_content_type("application/json".into())
            .with_timestamp(outgoing.created_at_unix_s)
            .with_app_id("waybill".into());
        if !headers.is_empty() {
            properties = properties.with_headers(headers.into_table());
        }
        Ok(Self { exchange: exchange.clone(), routing_key: event_type, properties, body: outgoing.body })
    }

    fn is(&self, returned: &BasicReturnMessage) -> bool {
        self.has_route_of(returned)
            && self.properties.message_id() == returned.properties.message_id()
            && self.body == returned.data
    }

    fn has_route_of(&self, returned: &BasicReturnMessage) -> bool {
        self.exchange == returned.exchange && self.routing_key == returned.routing_key
    }
}

pub(crate) fn short(what: &str, text: String) -> Result<ShortString, PublishError> {
    ShortString::try_new(text)
        .map_err(|error| PublishError::Invalid(format!("its {what} is too long ({error})")))
}

/// Publishes batches of messages. Cheap to clone.
#[derive(Clone)]
pub struct Publisher {
    keeper: Arc<Keeper>,
    config: Arc<BrokerConfig>,
    exchange: ShortString,
    channels: Arc<Channels>,
}

struct Channels {
    /// Channels that no batch uses now, each with the connection to which it belongs.
    idle: Mutex<Vec<(Weak<Link>, Channel)>>,
    permits: Semaphore,
}

impl Publisher {
    pub(crate) fn new(keeper: Arc<Keeper>, config: Arc<BrokerConfig>) -> Self {
        let exchange = config.exchange.as_str().into();
        let channels = Channels { idle: Mutex::default(), permits: Semaphore::new(MAX_CHANNELS) };
        Self { keeper, config, exchange, channels: Arc::new(channels) }
    }

    /// Publishes the events, and returns one outcome for each, in the same order.
    ///
    /// `Ok` means that RabbitMQ routed the message to a queue and stored it there. The messages are persistent
    /// and mandatory. At most `confirm_window` of them are unconfirmed at the same time. While there is no connection, or
    /// RabbitMQ blocks us, it returns at once; trying again, with pauses, is the caller's.
    pub async fn publish_batch(&self, batch: Vec<Outgoing>) -> Vec<Result<(), PublishError>> {
        let mut outcomes = Vec::with_capacity(batch.len());
        let mut messages = Vec::with_capacity(batch.len());
        for outgoing in batch {
            let message = Message::event(&self.exchange, outgoing);
            outcomes.push(message.map(|message| messages.push(message)));
        }
        let mut sent = self.send(&messages).await.into_iter();
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
            *outcome = sent.next().unwrap_or_else(|| Err(PublishError::Lost("no outcome".to_owned())));
        }
        outcomes
    }

    /// Publishes one message that is complete already.
    pub(crate) async fn send_one(&self, message: &Message) -> Result<(), PublishError> {
        let outcome = self.send(std::slice::from_ref(message)).await.pop();
        outcome.unwrap_or_else(|| Err(PublishError::Lost("no outcome".to_owned())))
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
            // What is stuck in the connection must not be sent some day after all.
            link.retire();
        } else if batch.is_clean {
            self.put_back(&link, channel);
        }
        if batch.is_unroutable {
            // Someone may have deleted the exchange or a queue.
            self.keeper.declare_again(&link).await;
        }
        self.keeper.counts.publish(&batch.outcomes);
        batch.outcomes
    }

    async fn channel(&self) -> Result<(Arc<Link>, Channel), String> {
        let link = self.keeper.link().map_err(|error| match error {
            BrokerError::Unavailable(reason) => reason,
            other => other.to_string(),
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
            link.ask("confirm", request).await?.map_err(|error| BrokerError::Unavailable(reason(&error)))?;
            Ok::<_, BrokerError>(channel)
        };
        let channel = open.await.map_err(|error| error.to_string())?;
        Ok((link, channel))
    }

    fn take_idle(&self, link: &Arc<Link>) -> Option<Channel> {
        let mut idle = self.channels.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // Channels of connections that are gone go with them.
        idle.retain(|(of, channel)| {
            std::ptr::eq(of.as_ptr(), Arc::as_ptr(link)) && channel.status().connected()
        });
        idle.pop().map(|(_, channel)| channel)
    }

    fn put_back(&self, link: &Arc<Link>, channel: Channel) {
        self.channels
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((Arc::downgrade(link), channel));
    }
}

struct Batch {
    outcomes: Vec<Result<(), PublishError>>,
    /// Every message has been confirmed, one way or the other: the channel can be used again.
    is_clean: bool,
    /// Confirmations stopped coming.
    is_stuck: bool,
    /// A message came back, or the exchange is missing.
    is_unroutable: bool,
}

/// Sends one batch on a channel of which it has the exclusive use.
///
/// The exclusive use matters twice. The library numbers a message and queues its frames in two steps, so that two
/// tasks on one channel can exchange the numbers of their messages. And it does not attach a returned message to
/// the confirmation of that message but to the first that comes in afterwards, which with a confirmation for
/// several messages at once is any of them. RabbitMQ returns a message before it confirms it; so at the end of
/// the batch all returned messages have arrived, with whichever confirmation, and are told apart by their content.
async fn send_on(channel: &Channel, messages: &[Message], config: &BrokerConfig) -> Batch {
    let mut outcomes: Vec<Option<Result<(), PublishError>>> = vec![None; messages.len()];
    let mut returned = Vec::new();
    let mut batch = Batch { outcomes: Vec::new(), is_clean: true, is_stuck: false, is_unroutable: false };

    let mut waiting = messages.iter().enumerate();
    // These futures are polled in the order of their insertion, by this task alone: no message waits for the one
    // before it to be written.
    let mut in_flight = FuturesUnordered::new();
    let mut patience = pin!(tokio::time::sleep(config.confirm_timeout));
    loop {
        while batch.is_clean && in_flight.len() < config.confirm_window {
            let Some((index, message)) = waiting.next() else { break };
            in_flight.push(async move { (index, publish(channel, message).await) });
        }
        let settled = tokio::select! {
            biased;
            settled = in_flight.next() => settled,
            () = &mut patience => {
                batch.is_clean = false;
                batch.is_stuck = true;
                break;
            }
        };
        let Some((index, result)) = settled else { break };
        patience.as_mut().reset(Instant::now() + config.confirm_timeout);
        outcomes[index] = Some(match result {
            Ok(Confirmation::Ack(message)) => {
                returned.extend(message);
                Ok(())
            }
            Ok(Confirmation::Nack(message)) => {
                returned.extend(message);
                Err(PublishError::Nacked)
            }
            Ok(Confirmation::NotRequested) => {
                Err(PublishError::Lost("the channel does not confirm".to_owned()))
            }
            Err(error) => {
                batch.is_clean = false;
                batch.is_unroutable |= reply_code(&error).is_some();
                Err(PublishError::Lost(reason(&error)))
            }
        });
    }

    let unsent = waiting.next().map_or(messages.len(), |(index, _)| index);
    batch.is_unroutable |= !returned.is_empty();
    batch.outcomes = outcomes
        .into_iter()
        .enumerate()
        .map(|(index, outcome)| match outcome {
            Some(outcome) => outcome,
            None if index < unsent => Err(PublishError::TimedOut),
            None => Err(PublishError::Unavailable("messages before this one got no confirmation".to_owned())),
        })
        .collect();
    mark_returned(messages, &returned, &mut batch.outcomes);
    batch
}

async fn publish(channel: &Channel, message: &Message) -> lapin::Result<Confirmation> {
    let options = BasicPublishOptions { mandatory: true, ..Default::default() };
    let confirmation = channel
        .basic_publish(
            message.exchange.clone(),
            message.routing_key.clone(),
            options,
            &message.body,
            message.properties.clone(),
        )
        .await?;
    confirmation.await
}

/// Turns the confirmations of returned messages into failures.
fn mark_returned(
    messages: &[Message],
    returned: &[BasicReturnMessage],
    outcomes: &mut [Result<(), PublishError>],
) {
    for back in returned {
        let error = PublishError::Returned(format!(
            "{} {} (exchange `{}`, routing key `{}`)",
            back.reply_code, back.reply_text, back.exchange, back.routing_key
        ));
        let same = (0..messages.len()).find(|&index| outcomes[index].is_ok() && messages[index].is(back));
        if let Some(index) = same {
            outcomes[index] = Err(error);
            continue;
        }
        // Which one it was is unclear; then none with that route counts. Publishing one twice is harmless.
        for (message, outcome) in messages.iter().zip(outcomes.iter_mut()) {
            if outcome.is_ok() && message.has_route_of(back) {
                *outcome = Err(error.clone());
            }
        }
    }
}
