//! What the targets in `fuzz/` see of this crate.

use bytes::Bytes;
use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use lapin::uri::AMQPUri;
use serde_json::Value;
use waybill_broker_rules::headers::{self, Headers, LAST_ERROR};
use waybill_trace_context::TraceContext;

use crate::loss::{Purpose, QueueFacts, of_any, of_queue};
use crate::policies::{Policies, Target, in_effect};
use crate::{BrokerConfig, BrokerUrl, DeadLetter, inspect, readable};

/// What a URL means to the library.
pub fn parsed(url: &BrokerUrl) -> &AMQPUri {
    url.uri()
}

/// Reads a dead letter.
pub fn dead_letter(properties: &BasicProperties, body: Bytes, config: &BrokerConfig) -> DeadLetter {
    DeadLetter::new(properties, body, config)
}

/// The headers with which a received message is published again.
pub fn carried(properties: &BasicProperties) -> FieldTable {
    Headers::carried(properties.headers().as_ref()).into_table()
}

/// The same with an error's text.
pub fn with_error(properties: &BasicProperties, error: &str) -> FieldTable {
    Headers::carried(properties.headers().as_ref()).error(LAST_ERROR, error).into_table()
}

/// The trace to which a message belongs.
pub fn trace(properties: &BasicProperties) -> Option<TraceContext> {
    headers::trace(properties.headers().as_ref())
}

/// The bytes that a table takes on the wire.
pub fn table_size(table: &FieldTable) -> usize {
    headers::table_size(table)
}

/// The losses of the queue `orders` by policies, as the management API lists those of users and of operators; `None` if they cannot be
/// read.
pub fn losses_by_policies(users: Value, operators: Value) -> Option<Vec<String>> {
    let (users, operators) = (Policies::read(users).ok()?, Policies::read(operators).ok()?);
    let facts = QueueFacts { is_durable: true, ..QueueFacts::default() };
    let policies = in_effect(&users, &operators, "orders", Target::Queue("quorum"));
    Some(of_any(&policies, |policy| of_queue("orders", Purpose::Kept, &facts, policy)))
}

/// What lapin's parser has of bytes from RabbitMQ that arrive in pieces of this size.
pub fn readable(bytes: &[u8], size: usize) -> Vec<u8> {
    readable::passed(bytes, size, 4096)
}

/// The setting of a queue that differs, and its value, by the words with which RabbitMQ refuses a declaration.
pub fn difference(words: &str) -> Option<(&str, Option<AMQPValue>)> {
    inspect::difference(words)
}
