//! The queues beside the main one: their names, and how all of them are declared.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use amq_protocol_types::{AMQPValue, FieldTable, LongString};

use crate::config_error::ConfigError;

/// More deliveries than will ever happen.
const WITHOUT_LIMIT: i64 = 1_000_000_000;

/// The dead letters of the default queue.
pub const DEAD_LETTER_QUEUE: &str = "orders.dead";

/// How RabbitMQ keeps the main queue when it has to create it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QueueType {
    /// Replicated by Raft and counting deliveries; the default.
    #[default]
    Quorum,
    /// For peers that declare the queue without arguments, which fails against a quorum queue.
    Classic,
}

impl FromStr for QueueType {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        match text {
            "quorum" => Ok(Self::Quorum),
            "classic" => Ok(Self::Classic),
            _ => Err(ConfigError::new(
                "queue-type",
                format!("is `{text}`, not `quorum` or `classic`"),
                "quorum",
            )),
        }
    }
}

impl fmt::Display for QueueType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Quorum => "quorum",
            Self::Classic => "classic",
        })
    }
}

/// The queue that holds messages of `queue` for `delay` before they return to it.
pub fn retry_queue(queue: &str, delay: Duration) -> String {
    format!("{queue}.retry.{}", short_duration(delay))
}

/// The queue of messages that were in flight at several crashes of a process. They are handled one at a time.
pub fn isolated_queue(queue: &str) -> String {
    format!("{queue}.isolated")
}

/// The queue that holds the messages that cannot be handled.
pub fn dead_letter_queue(queue: &str) -> String {
    format!("{queue}.dead")
}

/// Checks the names of the exchange and the queue, and the topic pattern by which the queue is bound.
pub fn validate_names(exchange: &str, queue: &str, binding: &str) -> Result<(), ConfigError> {
    // RabbitMQ's limit is 255 bytes; the queue's name needs room for `.retry.` and a duration.
    for (setting, name, limit, example) in [
        ("exchange", exchange, 255, "waybill"),
        ("queue", queue, 200, "orders"),
        ("binding", binding, 255, "order.#"),
    ] {
        let fault = if name.is_empty() {
            "is empty".to_owned()
        } else if name.len() > limit {
            format!("is {} bytes long, more than {limit}", name.len())
        } else if name.starts_with("amq.") {
            "begins with `amq.`, which RabbitMQ keeps for itself".to_owned()
        } else {
            continue;
        };
        return Err(ConfigError::new(setting, fault, example));
    }
    Ok(())
}

/// Checks the delays of the retry ladder, each of which has a queue.
pub fn validate_retry_delays(delays: &[Duration]) -> Result<(), ConfigError> {
    let wrong = |fault: String| Err(ConfigError::new("retry-delays", fault, "1s,10s,1m,10m"));
    if delays.is_empty() || delays.len() > 16 {
        return wrong(format!("has {} entries, not between 1 and 16", delays.len()));
    }
    let mut names = HashSet::new();
    for delay in delays {
        if delay.as_millis() == 0 || *delay > Duration::from_hours(24) {
            return wrong(format!("contains {delay:?}, not between 1 millisecond and 1 day"));
        }
        if !names.insert(short_duration(*delay)) {
            return wrong(format!("contains {} twice", short_duration(*delay)));
        }
    }
    Ok(())
}

/// `1s`, `10s`, `1m`, `50ms`: the largest unit that divides the duration.
fn short_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    [(3_600_000, "h"), (60_000, "m"), (1_000, "s")]
        .into_iter()
        .find(|(unit, _)| ms.is_multiple_of(*unit))
        .map_or_else(|| format!("{ms}ms"), |(unit, name)| format!("{}{name}", ms / unit))
}

/// A quorum queue of ours drops nothing, whatever a policy says: what does not fit is refused, and what expires becomes a dead
/// letter. A classic one has no arguments, since it is for peers that declare it so (decision 45).
pub fn main_arguments(queue: &str, queue_type: QueueType) -> FieldTable {
    match queue_type {
        QueueType::Quorum => table([
            ("x-queue-type", text("quorum")),
            ("x-overflow", text("reject-publish")),
            ("x-dead-letter-exchange", text("")),
            ("x-dead-letter-routing-key", text(&dead_letter_queue(queue))),
            ("x-dead-letter-strategy", text("at-least-once")),
        ]),
        QueueType::Classic => FieldTable::default(),
    }
}

/// A message waits here until it expires, and goes back to the main queue by the default exchange.
///
/// These are quorum queues whatever the main queue is: only they move an expired message at least once, that is,
/// they keep it until the main queue has it. Classic queues lose it when RabbitMQ dies in between. The strategy
/// requires that a full queue refuses messages instead of dropping the oldest.
/// See <https://www.rabbitmq.com/docs/quorum-queues#dead-lettering>.
pub fn retry_arguments(delay: Duration, target: &str) -> FieldTable {
    table([
        ("x-queue-type", text("quorum")),
        ("x-message-ttl", AMQPValue::LongLongInt(i64::try_from(delay.as_millis()).unwrap_or(i64::MAX))),
        ("x-dead-letter-exchange", text("")),
        ("x-dead-letter-routing-key", text(target)),
        ("x-dead-letter-strategy", text("at-least-once")),
        ("x-overflow", text("reject-publish")),
    ])
}

/// Reading dead letters without taking them counts as a delivery each time, and RabbitMQ 4 drops a message after
/// 20 deliveries unless the queue says otherwise.
pub fn dead_letter_arguments() -> FieldTable {
    table([
        ("x-queue-type", text("quorum")),
        ("x-overflow", text("reject-publish")),
        ("x-delivery-limit", AMQPValue::LongLongInt(WITHOUT_LIMIT)),
    ])
}

/// Its deliveries are counted by those who consume it ([`refuse`](crate::refuse)).
pub fn isolated_arguments() -> FieldTable {
    dead_letter_arguments()
}

fn table<const N: usize>(entries: [(&str, AMQPValue); N]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in entries {
        table.insert(name.into(), value);
    }
    table
}

fn text(value: &str) -> AMQPValue {
    AMQPValue::LongString(LongString::from(value))
}
