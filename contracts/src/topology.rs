//! The names of the RabbitMQ topology and of our messages' properties.

use std::time::Duration;

/// The topic exchange that every event is published to; its routing key is the event's type.
pub const EXCHANGE: &str = "waybill";

/// The queue of the orders' events. The replaced system used this name, and its services still may.
pub const ORDERS_QUEUE: &str = "orders";

/// The queue of the messages that were given up on.
pub const DEAD_LETTER_QUEUE: &str = "orders.dead";

/// The queues in which a failed message waits before its next attempt, with the time that it waits there.
pub const RETRY_QUEUES: [(&str, Duration); 4] = [
    ("orders.retry.1s", Duration::from_secs(1)),
    ("orders.retry.10s", Duration::from_secs(10)),
    ("orders.retry.1m", Duration::from_mins(1)),
    ("orders.retry.10m", Duration::from_mins(10)),
];

/// The `app-id` property of our messages.
pub const APP_ID: &str = "waybill";
