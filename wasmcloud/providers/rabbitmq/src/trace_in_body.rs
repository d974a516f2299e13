//! The trace of a message inside its body.
//!
//! wasmCloud begins a new trace when a provider calls a component: `component_invocation` continues the call, but what the
//! component then calls does not. A message has no headers either. So a component that wants to continue the trace reads it in
//! the body.

use bytes::Bytes;
use serde_json::Value;
use waybill_telemetry::TraceContext;

/// The body with a member `traceparent`, if it is a JSON object that has none yet; otherwise the body as it is.
pub fn with_trace(body: Bytes, trace: Option<&TraceContext>) -> Bytes {
    let Some(trace) = trace else { return body };
    match serde_json::from_slice(&body) {
        Ok(Value::Object(mut members)) if !members.contains_key("traceparent") => {
            members.insert("traceparent".to_owned(), Value::String(trace.traceparent.clone()));
            Value::Object(members).to_string().into()
        }
        _ => body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_json_object_gets_the_trace_and_keeps_its_members() {
        let trace = TraceContext::new(TRACE, None);
        let body = with_trace(Bytes::from_static(br#"{"amount":9007199254740991}"#), trace.as_ref());
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, serde_json::json!({ "amount": 9_007_199_254_740_991_i64, "traceparent": TRACE }));
    }

    #[test]
    fn anything_else_stays_as_it_is() {
        let trace = TraceContext::new(TRACE, None);
        for body in [&b"[1]"[..], b"not json", b"", br#"{"traceparent":"mine"}"#] {
            assert_eq!(with_trace(Bytes::from_static(body), trace.as_ref()), body);
        }
        assert_eq!(with_trace(Bytes::from_static(b"{}"), None), &b"{}"[..]);
    }
}
