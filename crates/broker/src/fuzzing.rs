//! What the targets in `fuzz/` see of this crate.

use bytes::Bytes;
use lapin::BasicProperties;
use lapin::types::FieldTable;
use lapin::uri::AMQPUri;
use waybill_broker_rules::headers::{self, Headers, LAST_ERROR};
use waybill_trace_context::TraceContext;

use crate::{BrokerConfig, BrokerUrl, DeadLetter};

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
