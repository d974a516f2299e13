//! The exchange and the queues, declared so that any number of processes can do it at any time.
//!
//! ```text
//!                  order.#                          the last attempt failed, or rejected  
//! exchange waybill ───────► queue orders ─► consumer ──────────────────────────────► orders.dead
//!                               ▲              │ failed
//!                               │              ▼
//!                               └── expired ── orders.retry.1s | 10s | 1m | 10m
//! ```

use lapin::options::{ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{ExchangeKind, Queue};
use waybill_broker_rules::{dead_letter_arguments, isolated_arguments, main_arguments, retry_arguments};
use waybill_telemetry::with_causes;

use crate::config::BrokerConfig;
use crate::error::{BrokerError, NOT_FOUND, PRECONDITION_FAILED, reply_code, words};
use crate::link::Link;

/// Declares all of it. Each declaration has a channel of its own, because RabbitMQ closes the channel when it
/// refuses one.
pub(crate) async fn declare(link: &Link, config: &BrokerConfig) -> Result<(), BrokerError> {
    declare_exchange(link, config).await?;
    // The dead letters come first: the main queue sends there what it would have to drop.
    or_as_it_is(declare_queue(link, &config.dead_letter_queue(), dead_letter_arguments()).await)?;
    declare_main_queue(link, config).await?;
    for delay in &config.retry_delays {
        declare_queue(link, &config.retry_queue(*delay), retry_arguments(*delay, &config.queue)).await?;
    }
    declare_queue(link, &config.isolated_queue(), isolated_arguments()).await?;
    bind(link, config).await
}

async fn declare_exchange(link: &Link, config: &BrokerConfig) -> Result<(), BrokerError> {
    let channel = link.channel().await?;
    let options = ExchangeDeclareOptions { durable: true, ..Default::default() };
    let exchange = config.exchange.as_str();
    let request =
        channel.exchange_declare(exchange.into(), ExchangeKind::Topic, options, FieldTable::default());
    let object = format!("exchange `{exchange}`");
    let declared = link.ask(&format!("declare {object}"), request).await;
    declared.map_err(|error| conflict(error, object, "type=topic, durable".to_owned()))
}

/// The main queue is shared with peers, which may have declared it first and differently. Then it is used as it is: nothing here
/// depends on its arguments.
async fn declare_main_queue(link: &Link, config: &BrokerConfig) -> Result<(), BrokerError> {
    let queue = config.queue.as_str();
    let exists = passively(link, queue).await?.is_some();
    match or_as_it_is(declare_queue(link, queue, main_arguments(&config.queue, config.queue_type)).await) {
        // To use a queue needs no permission to declare it.
        Err(error @ BrokerError::Refused { .. }) if exists => {
            tracing::info!(error = with_causes(&error), "the existing queue is used as it is");
            Ok(())
        }
        other => other,
    }
}

/// Accepts a queue that exists with other arguments; one of an earlier version, say. Whether it can lose messages is checked apart
/// (`guard.rs`).
fn or_as_it_is(declared: Result<(), BrokerError>) -> Result<(), BrokerError> {
    match declared {
        Err(BrokerError::Conflict { object, ours, theirs }) => {
            tracing::info!(object, ours, theirs, "the existing queue is used as it is");
            Ok(())
        }
        other => other,
    }
}

/// Binds the main queue. Where the binding exists already, this changes nothing.
pub(crate) async fn bind(link: &Link, config: &BrokerConfig) -> Result<(), BrokerError> {
    let channel = link.channel().await?;
    let request = channel.queue_bind(
        config.queue.as_str().into(),
        config.exchange.as_str().into(),
        config.binding.as_str().into(),
        QueueBindOptions::default(),
        FieldTable::default(),
    );
    let action = format!("bind queue `{}` to exchange `{}`", config.queue, config.exchange);
    link.ask(&action, request).await
}

/// The queue with its number of messages and consumers; `None` if it does not exist.
pub(crate) async fn passively(link: &Link, queue: &str) -> Result<Option<Queue>, BrokerError> {
    let channel = link.channel().await?;
    let options = QueueDeclareOptions { passive: true, ..Default::default() };
    let request = channel.queue_declare(queue.into(), options, FieldTable::default());
    let action = format!("look at queue `{queue}`");
    match link.ask(&action, request).await {
        Ok(queue) => Ok(Some(queue)),
        Err(BrokerError::Refused { source, .. }) if reply_code(&source) == Some(NOT_FOUND) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn declare_queue(link: &Link, queue: &str, arguments: FieldTable) -> Result<(), BrokerError> {
    declare_queue_as(link, queue, DURABLE, arguments).await
}

pub(crate) const DURABLE: QueueDeclareOptions = QueueDeclareOptions {
    durable: true,
    passive: false,
    exclusive: false,
    auto_delete: false,
    nowait: false,
};

pub(crate) async fn declare_queue_as(
    link: &Link,
    queue: &str,
    options: QueueDeclareOptions,
    arguments: FieldTable,
) -> Result<(), BrokerError> {
    let channel = link.channel().await?;
    let ours = describe(&arguments);
    let object = format!("queue `{queue}`");
    let request = channel.queue_declare(queue.into(), options, arguments);
    let declared = link.ask(&format!("declare {object}"), request).await;
    declared.map(drop).map_err(|error| conflict(error, object, ours))
}

/// A refusal of a declaration, as a conflict if that is what it is.
fn conflict(error: BrokerError, object: String, ours: String) -> BrokerError {
    match error {
        BrokerError::Refused { source, .. } if reply_code(&source) == Some(PRECONDITION_FAILED) => {
            BrokerError::Conflict { object, ours, theirs: words(&source) }
        }
        error => error,
    }
}

fn describe(arguments: &FieldTable) -> String {
    let mut words = vec!["durable".to_owned()];
    words.extend(arguments.into_iter().map(|(name, value)| match value {
        AMQPValue::LongString(text) => format!("{name}=`{text}`"),
        AMQPValue::LongLongInt(number) => format!("{name}={number}"),
        other => format!("{name}={other:?}"),
    }));
    words.join(", ")
}
