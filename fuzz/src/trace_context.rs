//! `traceparent` and `tracestate`: two lines. The second reader is OpenTelemetry's propagator.

use std::collections::HashMap;

use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use waybill_trace_context::{TraceContext, Traceparent};

const STATE_LIMIT: usize = 512;
const ENTRIES_LIMIT: usize = 32;

pub fn check(data: &[u8]) {
    let Some((_, first, rest)) = crate::input::parts(data) else { return };
    let parent = Traceparent::parse(first);
    let context = TraceContext::new(first, Some(rest));
    assert_eq!(parent.is_some(), context.is_some());
    let Some((parent, context)) = parent.zip(context) else { return };
    assert_eq!(context.traceparent, parent.to_string());
    assert_eq!(Traceparent::parse(&context.traceparent), Some(parent));
    let again = TraceContext::new(&context.traceparent, context.tracestate.as_deref());
    assert_eq!(again.as_ref(), Some(&context), "what was checked once passes again");
    if let Some(state) = &context.tracestate {
        assert!(state.len() <= STATE_LIMIT && state.split(',').count() <= ENTRIES_LIMIT, "{state}");
        assert!(state.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        assert!(state.split(',').all(|entry| rest.contains(entry)));
    }

    let mut carrier = HashMap::from([("traceparent".to_owned(), context.traceparent)]);
    carrier.extend(context.tracestate.clone().map(|state| ("tracestate".to_owned(), state)));
    let extracted = TraceContextPropagator::new().extract(&carrier);
    let span = extracted.span();
    let second = span.span_context();
    assert!(second.is_valid() && second.is_remote());
    assert_eq!(u128::from_be_bytes(second.trace_id().to_bytes()), parent.trace_id);
    assert_eq!(u64::from_be_bytes(second.span_id().to_bytes()), parent.parent_id);
    assert_eq!(second.is_sampled(), parent.flags & 1 == 1);
    // OpenTelemetry still has the keys of the first version of the recommendation, which were stricter.
    let is_of_both =
        |entry: &str| entry.starts_with(|first: char| first.is_ascii_lowercase()) && !entry.contains('@');
    if let Some(state) = context.tracestate.filter(|state| state.split(',').all(is_of_both)) {
        assert_eq!(second.trace_state().header(), state);
    }
}
