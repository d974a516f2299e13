//! The trace that a request belongs to (W3C Trace Context), kept with the event so that its delivery continues it.
//!
//! The headers come from anyone. What is malformed is dropped, as the recommendation demands, and never refused: a trace is
//! no part of the order.

use http::{HeaderMap, HeaderValue};
use waybill_trace_context::TraceContext as W3c;

/// The headers, checked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TraceContext {
    /// `00-{trace}-{parent}-{flags}`.
    pub traceparent: Option<String>,
    /// Entries that vendors on the way added; never without a `traceparent`.
    pub tracestate: Option<String>,
}

impl TraceContext {
    /// Reads the headers of a request. Repeated `traceparent` headers are ignored; repeated `tracestate` headers are one list.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        let mut parents = headers.get_all("traceparent").iter();
        let (Some(parent), None) = (parents.next(), parents.next()) else { return Self::default() };
        let states: Result<Vec<&str>, _> =
            headers.get_all("tracestate").iter().map(HeaderValue::to_str).collect();
        let state = states.ok().map(|states| states.join(","));
        let context = parent.to_str().ok().and_then(|parent| W3c::new(parent, state.as_deref()));
        context.map_or_else(Self::default, |context| Self {
            traceparent: Some(context.traceparent),
            tracestate: context.tracestate,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn context(headers: &[(&'static str, &str)]) -> TraceContext {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        TraceContext::from_headers(&map)
    }

    #[test]
    fn a_well_formed_context_is_kept() {
        let expected =
            TraceContext { traceparent: Some(PARENT.into()), tracestate: Some("a=1,b=2,c=3".into()) };
        let headers = [("traceparent", PARENT), ("tracestate", "a=1, b=2"), ("tracestate", ",c=3")];
        assert_eq!(context(&headers), expected);
    }

    #[test]
    fn a_malformed_context_is_dropped() {
        assert_eq!(context(&[("traceparent", "00"), ("tracestate", "a=1")]), TraceContext::default());
        assert_eq!(context(&[("traceparent", PARENT), ("traceparent", PARENT)]), TraceContext::default());
        let kept = context(&[("traceparent", PARENT), ("tracestate", "a")]);
        assert_eq!(kept, TraceContext { traceparent: Some(PARENT.into()), tracestate: None });
    }

    #[test]
    fn a_state_without_a_parent_is_dropped() {
        assert_eq!(context(&[("tracestate", "a=1")]), TraceContext::default());
    }
}
