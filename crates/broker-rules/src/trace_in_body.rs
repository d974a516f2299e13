//! The trace of a message inside its body.
//!
//! wasmCloud begins a new trace when a message is delivered to a component: in 1.9, `component_invocation` continues the call, but what the
//! component then calls does not. A message has no headers either. So a component that wants to continue the trace reads it in
//! the body.

use serde_json::Value;
use waybill_trace_context::TraceContext;

/// The body with a member `traceparent`, if it is a JSON object that has none yet; `None` if it stays as it is.
pub fn with_trace(body: &[u8], trace: &TraceContext) -> Option<Vec<u8>> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(mut members)) if !members.contains_key("traceparent") => {
            members.insert("traceparent".to_owned(), Value::String(trace.traceparent.clone()));
            Some(Value::Object(members).to_string().into_bytes())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_json_object_gets_the_trace_and_keeps_its_members() {
        let trace = TraceContext::new(TRACE, None).unwrap();
        let body = with_trace(br#"{"amount":9007199254740991}"#, &trace).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, serde_json::json!({ "amount": 9_007_199_254_740_991_i64, "traceparent": TRACE }));
    }

    #[test]
    fn anything_else_stays_as_it_is() {
        let trace = TraceContext::new(TRACE, None).unwrap();
        for body in [&b"[1]"[..], b"not json", b"", br#"{"traceparent":"mine"}"#] {
            assert_eq!(with_trace(body, &trace), None);
        }
    }
}
