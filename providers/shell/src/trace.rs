//! Trace context in the headers of calls. wasmCloud's own propagation sets a span's parent after the span was made, which
//! has no effect; here the parent is known before.

use wasmcloud_provider_sdk::Context as Call;
use waybill_telemetry::{Context, TraceContext};

/// The parent for what is done on behalf of a call.
pub fn parent(call: Option<&Call>) -> Context {
    let header = |name: &str| call.and_then(|call| call.tracing.get(name)).map(String::as_str);
    TraceContext::parent_of(TraceContext::from_headers(header).as_ref())
}
