//! The rules of W3C Trace Context, one test each.

use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;

use super::TraceContext;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";

fn parent(version: &str, flags: &str) -> String {
    format!("{version}-{TRACE}-{SPAN}-{flags}")
}

#[test]
fn a_valid_context_passes_through_unchanged() {
    // Flag 02 says that the trace identifier is random; others have no meaning yet and are kept too.
    for flags in ["00", "01", "02", "03", "ff"] {
        let trace = TraceContext::new(&parent("00", flags), Some("a=1,b@c=2")).unwrap();
        assert_eq!(trace.traceparent, parent("00", flags));
        assert_eq!(TraceContext::from_context(&trace.to_context()).unwrap(), trace);
    }
}

#[test]
fn a_later_version_is_read_as_ours() {
    for text in [parent("01", "01"), parent("cc", "01-what-comes-later"), parent("fe", "01-")] {
        assert_eq!(TraceContext::new(&text, None).unwrap().traceparent, parent("00", "01"), "{text}");
    }
}

#[test]
fn an_invalid_parent_is_no_context() {
    let zeros = "0".repeat(32);
    for text in [
        String::new(),
        parent("ff", "01"),
        parent("0", "01"),
        parent("00", "1"),
        parent("00", "01-more"),
        parent("00", "01-"),
        parent("01", "01x"),
        parent("0G", "01"),
        parent("00", "+1"),
        parent("00", "01").to_uppercase(),
        format!("00-{zeros}-{SPAN}-01"),
        format!("00-{TRACE}-{}-01", &zeros[..16]),
        format!("00_{TRACE}_{SPAN}_01"),
        format!("00-{TRACE}-{}\u{e4}-01", &SPAN[..14]),
        "\u{e4}".repeat(30),
    ] {
        assert_eq!(TraceContext::new(&text, None), None, "{text}");
        let stored = TraceContext { traceparent: text, tracestate: None };
        assert!(!stored.to_context().span().span_context().is_valid());
    }
}

#[test]
fn an_invalid_state_leaves_the_parent_alone() {
    for state in ["", "no-equals-sign", "UPPER=1", "a=\u{7f}", &"a=1,".repeat(33)] {
        let trace = TraceContext::new(&parent("00", "01"), Some(state)).unwrap();
        assert_eq!((trace.traceparent, trace.tracestate), (parent("00", "01"), None), "{state}");
    }
}

#[test]
fn a_long_state_loses_large_entries_first_and_then_the_last_ones() {
    let large = format!("large={}", "x".repeat(200));
    let small: Vec<String> = (0..20).map(|index| format!("k{index:02}={}", "y".repeat(30))).collect();
    let state = format!("{large},{}", small.join(","));
    let kept = TraceContext::new(&parent("00", "01"), Some(&state)).unwrap().tracestate.unwrap();
    assert!(kept.len() <= 512 && kept.len() > 512 - 36, "{}", kept.len());
    assert!(kept.starts_with("k00=") && !kept.contains("large"));
}

#[test]
fn a_state_is_bounded_on_its_way_out_too() {
    let state = vec!["a=1"; 1000].join(",");
    let stored = TraceContext { traceparent: parent("00", "01"), tracestate: Some(state) };
    let sent = TraceContext::from_context(&stored.to_context()).unwrap();
    assert!(sent.tracestate.is_none_or(|state| state.len() <= 512));
}

#[test]
fn headers_are_asked_for_in_lower_case() {
    let trace = TraceContext::from_headers(|name| match name {
        "traceparent" => Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        "tracestate" => Some("a=1"),
        _ => None,
    });
    assert_eq!(trace.unwrap().tracestate.as_deref(), Some("a=1"));
    assert_eq!(TraceContext::from_headers(|_| None), None);
}

#[test]
fn no_context_is_an_empty_parent() {
    assert!(TraceContext::from_context(&TraceContext::parent_of(None)).is_none());
    assert!(TraceContext::from_context(&Context::new()).is_none());
}
