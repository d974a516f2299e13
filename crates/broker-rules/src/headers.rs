//! The headers and properties that travel with a message.

use amq_protocol_types::{AMQPValue, FieldArray, FieldTable, LongString, ShortString};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use waybill_trace_context::TraceContext;

/// The subject of a message, kept while its routing key is the name of a queue.
pub const SUBJECT: &str = "x-waybill-subject";
/// How many attempts have failed.
pub const ATTEMPT: &str = "x-waybill-attempt";
/// When the first attempt failed (RFC 3339).
pub const FIRST_FAILED_AT: &str = "x-waybill-first-failed-at";
/// Why the last attempt failed; at most 1,000 bytes.
pub const LAST_ERROR: &str = "x-waybill-last-error";
/// Why the message became a dead letter: one of the names of [`Cause`](crate::Cause).
pub const CAUSE: &str = "x-waybill-cause";
/// When it became a dead letter (RFC 3339).
pub const FAILED_AT: &str = "x-waybill-failed-at";
/// The queue from which it came, and to which a replay returns it.
pub const QUEUE: &str = "x-waybill-queue";
/// The name of the dead letter: the message's id, or a new `UUIDv7` if it had none.
pub const DEAD_LETTER_ID: &str = "x-waybill-dead-letter-id";
/// The body before an operator edited it.
pub const ORIGINAL_BODY: &str = "x-waybill-original-body";
/// Who edited the body last.
pub const EDITED_BY: &str = "x-waybill-edited-by";
/// When the body was edited last (RFC 3339).
pub const EDITED_AT: &str = "x-waybill-edited-at";

/// Why RabbitMQ itself moved the message here: `expired`, `maxlen`, `delivery_limit`.
pub const DROPPED_BECAUSE: &str = "x-first-death-reason";

/// Stands for headers that cannot be read. A copy does not carry it, so that a dead letter can be replayed.
pub const UNREADABLE: &str = "x-waybill-unreadable-headers";

const TRACEPARENT: &str = "traceparent";
const TRACESTATE: &str = "tracestate";
const DELIVERY_COUNT: &str = "x-delivery-count";

/// Headers that must not be published again: RabbitMQ's own (it drops messages whose `x-death` looks like a
/// circle), lists of further recipients, and what stands for headers that are lost.
const NOT_CARRIED: [&str; 8] = [
    "x-death",
    "x-first-death-exchange",
    "x-first-death-queue",
    DROPPED_BECAUSE,
    DELIVERY_COUNT,
    UNREADABLE,
    "CC",
    "BCC",
];

/// Headers that say what was done with a message so far. Each is short but for [`ORIGINAL_BODY`].
const OURS: [&str; 13] = [
    SUBJECT,
    ATTEMPT,
    FIRST_FAILED_AT,
    LAST_ERROR,
    CAUSE,
    FAILED_AT,
    QUEUE,
    DEAD_LETTER_ID,
    ORIGINAL_BODY,
    EDITED_BY,
    EDITED_AT,
    TRACEPARENT,
    TRACESTATE,
];

/// All headers of one message have to fit into one frame, which is 128 KiB by default, together with ours. A
/// message with more than this keeps only ours when it is published again.
const MAX_CARRIED_BYTES: usize = 64 * 1024;

/// The most of a subject, which is a `type` or a routing key, in bytes.
const MAX_SHORT_BYTES: usize = 255;

/// How much of an error's text is kept, in bytes.
const MAX_ERROR_BYTES: usize = 1_000;

/// The headers of a message, if it has any.
pub type Table<'a> = Option<&'a FieldTable>;

/// The text of a header.
pub fn text(headers: Table<'_>, name: &str) -> Option<String> {
    match headers?.inner().get(name)? {
        AMQPValue::LongString(text) => String::from_utf8(text.as_bytes().to_vec()).ok(),
        AMQPValue::ShortString(text) => Some(text.to_string()),
        _ => None,
    }
}

/// The text of a header of ours that is added to a copy whatever else it carries; `None` if a sender made it long.
pub(crate) fn short_text(headers: Table<'_>, name: &str) -> Option<String> {
    text(headers, name).filter(|text| text.len() <= MAX_SHORT_BYTES)
}

/// The bytes of a header.
pub fn bytes(headers: Table<'_>, name: &str) -> Option<Vec<u8>> {
    match headers?.inner().get(name)? {
        AMQPValue::LongString(text) => Some(text.as_bytes().to_vec()),
        AMQPValue::ByteArray(bytes) => Some(bytes.as_slice().to_vec()),
        _ => None,
    }
}

/// What a message is about: its `type`, else the routing key with which it came through an exchange, else the queue's name.
pub fn subject(kind: Option<&str>, headers: Table<'_>, routing_key: &str) -> String {
    match kind {
        Some(kind) if !kind.is_empty() => kind.to_owned(),
        // By the default exchange the routing key is the queue's name, which is what is wanted.
        _ => short_text(headers, SUBJECT).unwrap_or_else(|| routing_key.to_owned()),
    }
}

/// The number in a header; 0 if it is missing, negative or not a number.
pub fn number(headers: Table<'_>, name: &str) -> u32 {
    let value = headers.and_then(|headers| headers.inner().get(name));
    let number = match value {
        Some(AMQPValue::ShortShortInt(number)) => i64::from(*number),
        Some(AMQPValue::ShortShortUInt(number)) => i64::from(*number),
        Some(AMQPValue::ShortInt(number)) => i64::from(*number),
        Some(AMQPValue::ShortUInt(number)) => i64::from(*number),
        Some(AMQPValue::LongInt(number)) => i64::from(*number),
        Some(AMQPValue::LongUInt(number)) => i64::from(*number),
        Some(AMQPValue::LongLongInt(number)) => *number,
        _ => 0,
    };
    u32::try_from(number.clamp(0, i64::from(u32::MAX))).unwrap_or(u32::MAX)
}

/// How often the message was delivered before without being settled. Only quorum queues count.
pub fn delivery_count(headers: Table<'_>) -> u32 {
    number(headers, DELIVERY_COUNT)
}

/// All headers but the count of deliveries.
pub fn of_sender(headers: Table<'_>) -> impl Iterator<Item = (&ShortString, &AMQPValue)> {
    headers.into_iter().flatten().filter(|(name, _)| name.as_str() != DELIVERY_COUNT)
}

/// The trace to which the message belongs.
pub fn trace(headers: Table<'_>) -> Option<TraceContext> {
    TraceContext::new(&text(headers, TRACEPARENT)?, text(headers, TRACESTATE).as_deref())
}

/// A header table under construction.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Headers(FieldTable);

impl Headers {
    /// The headers with which a received message is published again.
    pub fn carried(received: Table<'_>) -> Self {
        let mut kept = FieldTable::default();
        for (name, value) in received.into_iter().flatten() {
            if !NOT_CARRIED.contains(&name.as_str()) {
                kept.insert(name.clone(), value.clone());
            }
        }
        if table_size(&kept) <= MAX_CARRIED_BYTES {
            return Self(kept);
        }
        let mut few = FieldTable::default();
        for (name, value) in &kept {
            if OURS.contains(&name.as_str()) && value_size(value) <= MAX_ERROR_BYTES * 2 {
                few.insert(name.clone(), value.clone());
            }
        }
        Self(few)
    }

    /// The trace to which the message belongs.
    pub fn trace(self, trace: Option<&TraceContext>) -> Self {
        let Some(trace) = trace else { return self };
        let headers = self.text(TRACEPARENT, &trace.traceparent);
        match &trace.tracestate {
            Some(state) => headers.text(TRACESTATE, state),
            None => headers,
        }
    }

    /// A header with a text.
    pub fn text(mut self, name: &'static str, value: &str) -> Self {
        self.0.insert(name.into(), AMQPValue::LongString(LongString::from(value)));
        self
    }

    /// A header with a number.
    pub fn number(mut self, name: &'static str, value: u32) -> Self {
        self.0.insert(name.into(), AMQPValue::LongLongInt(i64::from(value)));
        self
    }

    /// A header with bytes.
    pub fn bytes(mut self, name: &'static str, value: &[u8]) -> Self {
        self.0.insert(name.into(), AMQPValue::ByteArray(value.into()));
        self
    }

    /// The beginning of an error's text, cut between characters.
    pub fn error(self, name: &'static str, error: &str) -> Self {
        let mut end = error.len().min(MAX_ERROR_BYTES);
        while !error.is_char_boundary(end) {
            end -= 1;
        }
        self.text(name, &error[..end])
    }

    /// All headers but these.
    pub fn without(self, names: &[&str]) -> Self {
        let kept = self.0.inner().iter().filter(|(name, _)| !names.contains(&name.as_str()));
        Self(
            kept.map(|(name, value)| (name.clone(), value.clone()))
                .collect::<std::collections::BTreeMap<_, _>>()
                .into(),
        )
    }

    /// Whether there is no header.
    pub fn is_empty(&self) -> bool {
        self.0.inner().is_empty()
    }

    /// The table.
    pub fn into_table(self) -> FieldTable {
        self.0
    }
}

/// The time now, in RFC 3339.
pub fn now() -> String {
    let now = OffsetDateTime::now_utc().replace_nanosecond(0).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    now.format(&Rfc3339).unwrap_or_default()
}

/// How many bytes a table takes on the wire.
pub fn table_size(table: &FieldTable) -> usize {
    4 + table.into_iter().map(|(name, value)| 1 + name.as_str().len() + value_size(value)).sum::<usize>()
}

fn value_size(value: &AMQPValue) -> usize {
    1 + match value {
        AMQPValue::Void => 0,
        AMQPValue::Boolean(_) | AMQPValue::ShortShortInt(_) | AMQPValue::ShortShortUInt(_) => 1,
        AMQPValue::ShortInt(_) | AMQPValue::ShortUInt(_) => 2,
        AMQPValue::LongInt(_) | AMQPValue::LongUInt(_) | AMQPValue::Float(_) => 4,
        AMQPValue::DecimalValue(_) => 5,
        AMQPValue::LongLongInt(_) | AMQPValue::Double(_) | AMQPValue::Timestamp(_) => 8,
        AMQPValue::ShortString(text) => 1 + text.as_str().len(),
        AMQPValue::LongString(text) => 4 + text.len(),
        AMQPValue::ByteArray(bytes) => 4 + bytes.len(),
        AMQPValue::FieldArray(values) => array_size(values),
        AMQPValue::FieldTable(table) => table_size(table),
    }
}

fn array_size(values: &FieldArray) -> usize {
    4 + values.as_slice().iter().map(value_size).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(names: impl Iterator<Item = String>) -> FieldTable {
        let value = AMQPValue::LongString(LongString::from("x".repeat(1_500)));
        let table: std::collections::BTreeMap<_, _> =
            names.map(|name| (ShortString::from(name), value.clone())).collect();
        table.into()
    }

    #[test]
    fn a_subject_that_a_sender_made_long_is_not_taken() {
        let long = Headers::default().text(SUBJECT, &"x".repeat(256)).into_table();
        assert_eq!(subject(None, Some(&long), "orders"), "orders");
        let short = Headers::default().text(SUBJECT, "order.paid").into_table();
        assert_eq!(subject(None, Some(&short), "orders"), "order.paid");
    }

    #[test]
    fn what_is_carried_fits_into_a_frame_whatever_the_names_of_the_headers() {
        for prefix in ["x-waybill-", "x-", "traceparent"] {
            let many = (0..200).map(|number| format!("{prefix}{number}"));
            let carried = Headers::carried(Some(&headers(many.chain(OURS.map(str::to_owned))))).into_table();
            assert!(table_size(&carried) <= MAX_CARRIED_BYTES, "{prefix}: {} bytes", table_size(&carried));
            assert_eq!(carried.inner().len(), OURS.len(), "{prefix}");
        }
    }
}
