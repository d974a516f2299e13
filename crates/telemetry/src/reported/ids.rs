//! Identifiers, which are reported as hexadecimal digits.

use opentelemetry::trace::{SpanId, TraceId};

/// The trace of this identifier; `None` if it is not valid.
pub(super) fn trace_id_of(text: &str) -> Option<TraceId> {
    hex(text, 32).map(TraceId::from)
}

/// The span of this identifier; `None` if it is not valid.
pub(super) fn span_id_of(text: &str) -> Option<SpanId> {
    hex(text, 16).and_then(|id| u64::try_from(id).ok()).map(SpanId::from)
}

/// A number that is not zero. OpenTelemetry's SDK for WASI leaves out zeros at its beginning.
fn hex(text: &str, most_digits: usize) -> Option<u128> {
    let is_short = (1..=most_digits).contains(&text.len());
    let is_hex = is_short && text.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten().filter(|id| *id != 0)
}
