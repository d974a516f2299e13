//! W3C Trace Context, read and written strictly.
//!
//! Source: <https://www.w3.org/TR/trace-context-2/>. OpenTelemetry's own propagator accepts a little more and drops
//! flags that it does not know; what we pass on to others is kept as it came.

use std::fmt::Write as _;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};

/// The longest `tracestate` that is kept, in bytes: what the specification asks everyone to propagate.
const TRACE_STATE_LIMIT: usize = 512;
/// Entries longer than this, in bytes, are the first to go when a `tracestate` is too long.
const LARGE_ENTRY: usize = 128;
/// The most entries that a `tracestate` may have.
const ENTRIES_LIMIT: usize = 32;
/// The length of a version 00 `traceparent`, in bytes.
const TRACE_PARENT_LENGTH: usize = 55;

/// The identity of a span as it travels in headers and in the outbox. A value made by this module is always valid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// `00-<trace id>-<span id>-<flags>`, all in lower-case hexadecimal digits.
    pub traceparent: String,
    /// Vendors' additions to the trace, `key=value,key=value`, at most 512 bytes.
    pub tracestate: Option<String>,
}

impl TraceContext {
    /// Checks what arrived. An invalid `traceparent` means no context at all; an invalid `tracestate` is dropped alone,
    /// as the specification says. Later versions of the format are read as version 00.
    pub fn new(traceparent: &str, tracestate: Option<&str>) -> Option<Self> {
        let span = parse_trace_parent(traceparent.trim_matches([' ', '\t']), TraceState::default())?;
        Some(Self {
            traceparent: format_trace_parent(&span),
            tracestate: tracestate.and_then(bounded_trace_state),
        })
    }

    /// Reads the two headers by `get`, which is asked for them in lower case. Where a header can occur several times,
    /// `get` joins the occurrences of `tracestate` with a comma.
    pub fn from_headers<'a>(get: impl Fn(&'static str) -> Option<&'a str>) -> Option<Self> {
        Self::new(get("traceparent")?, get("tracestate"))
    }

    /// The context of the span that `context` holds; none when it holds none.
    pub fn from_context(context: &Context) -> Option<Self> {
        let span = context.span();
        let span = span.span_context();
        span.is_valid().then(|| Self {
            traceparent: format_trace_parent(span),
            tracestate: bounded_trace_state(&span.trace_state().header()),
        })
    }

    /// A context whose current span is this one, as the parent of what is done here. It is empty when the fields do
    /// not hold a valid trace context.
    pub fn to_context(&self) -> Context {
        let state = self.tracestate.as_deref().and_then(|state| state.parse().ok()).unwrap_or_default();
        match parse_trace_parent(&self.traceparent, state) {
            Some(span) => Context::new().with_remote_span_context(span),
            None => Context::new(),
        }
    }

    /// The parent for a span that continues `trace`: an empty context, which starts a new trace, when there is none.
    pub fn parent_of(trace: Option<&Self>) -> Context {
        trace.map(Self::to_context).unwrap_or_default()
    }
}

fn format_trace_parent(span: &SpanContext) -> String {
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags().to_u8())
}

fn parse_trace_parent(text: &str, state: TraceState) -> Option<SpanContext> {
    let bytes = text.as_bytes();
    // Everything below indexes bytes, so a character of several bytes must not be cut.
    if !text.is_ascii() || bytes.len() < TRACE_PARENT_LENGTH {
        return None;
    }
    let version = hex(&text[0..2])?;
    let length_fits = match version {
        0xff => false,
        0 => bytes.len() == TRACE_PARENT_LENGTH,
        // A later version may append fields after another dash.
        _ => bytes.get(TRACE_PARENT_LENGTH).is_none_or(|byte| *byte == b'-'),
    };
    if !length_fits || [bytes[2], bytes[35], bytes[52]] != [b'-'; 3] {
        return None;
    }
    let trace_id = TraceId::from(hex(&text[3..35])?);
    let span_id = SpanId::from(u64::try_from(hex(&text[36..52])?).ok()?);
    let flags = TraceFlags::new(u8::try_from(hex(&text[53..55])?).ok()?);
    let span = SpanContext::new(trace_id, span_id, flags, true, state);
    // Identifiers of nothing but zeros are forbidden.
    span.is_valid().then_some(span)
}

/// Reads lower-case hexadecimal digits; `from_str_radix` alone would also take capitals and a sign.
fn hex(text: &str) -> Option<u128> {
    let lower_case = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    lower_case.then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

/// Keeps a valid `tracestate` within the limits: whole entries go, the large ones first and then the last ones, as the
/// specification recommends. None when it is empty or invalid.
fn bounded_trace_state(text: &str) -> Option<String> {
    let mut entries: Vec<&str> = text.split(',').map(|entry| entry.trim_matches([' ', '\t'])).collect();
    entries.retain(|entry| !entry.is_empty());
    if entries.len() > ENTRIES_LIMIT || text.parse::<TraceState>().is_err() || !text.bytes().all(is_printable)
    {
        return None;
    }
    if joined_length(&entries) > TRACE_STATE_LIMIT {
        entries.retain(|entry| entry.len() <= LARGE_ENTRY);
    }
    while joined_length(&entries) > TRACE_STATE_LIMIT {
        entries.pop();
    }
    let mut bounded = String::with_capacity(joined_length(&entries));
    for entry in &entries {
        let separator = if bounded.is_empty() { "" } else { "," };
        let _ = write!(bounded, "{separator}{entry}");
    }
    (!bounded.is_empty()).then_some(bounded)
}

fn is_printable(byte: u8) -> bool {
    byte == b'\t' || (0x20..=0x7e).contains(&byte)
}

fn joined_length(entries: &[&str]) -> usize {
    entries.iter().map(|entry| entry.len() + 1).sum::<usize>().saturating_sub(1)
}

#[cfg(test)]
#[path = "trace_context_tests.rs"]
mod tests;
