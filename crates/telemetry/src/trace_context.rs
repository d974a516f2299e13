//! Between the trace context that travels and the SDK's contexts.

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId};
use waybill_trace_context::{TraceContext, Traceparent};

/// The parent for a span that continues `trace`. It is empty, so that a new trace begins, if there is none or it is not valid.
pub fn parent_of(trace: Option<&TraceContext>) -> Context {
    let Some((trace, parent)) = trace.and_then(|it| Some((it, Traceparent::parse(&it.traceparent)?))) else {
        return Context::new();
    };
    let state = trace.tracestate.as_deref().and_then(|state| state.parse().ok()).unwrap_or_default();
    Context::new().with_remote_span_context(SpanContext::new(
        TraceId::from(parent.trace_id),
        SpanId::from(parent.parent_id),
        TraceFlags::new(parent.flags),
        true,
        state,
    ))
}

/// What travels of the span that `context` holds; `None` if it holds none.
pub(crate) fn of_context(context: &Context) -> Option<TraceContext> {
    let span = context.span();
    let span = span.span_context();
    let (trace_id, span_id, flags) = (span.trace_id(), span.span_id(), span.trace_flags().to_u8());
    TraceContext::new(&format!("00-{trace_id}-{span_id}-{flags:02x}"), Some(&span.trace_state().header()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff";

    #[test]
    fn a_context_passes_through_unchanged() {
        let trace = TraceContext::new(PARENT, Some("a=1,b@c=2"));
        assert_eq!(of_context(&parent_of(trace.as_ref())), trace);
    }

    #[test]
    fn no_or_an_invalid_context_is_an_empty_parent() {
        let invalid = TraceContext { traceparent: "00".to_owned(), tracestate: Some("a=1".to_owned()) };
        for trace in [None, Some(&invalid)] {
            assert_eq!(of_context(&parent_of(trace)), None);
        }
        assert_eq!(of_context(&Context::new()), None);
    }

    #[test]
    fn a_state_is_bounded_on_its_way_out_too() {
        let state = Some(vec!["a=1"; 1000].join(","));
        let stored = TraceContext { traceparent: PARENT.to_owned(), tracestate: state };
        let sent = of_context(&parent_of(Some(&stored))).unwrap().tracestate;
        assert!(sent.is_none_or(|state| state.len() <= 512));
    }
}
