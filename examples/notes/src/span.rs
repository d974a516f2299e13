//! Spans that this component measures itself, by `wasi:otel/tracing`. They join the trace of the request where the host records one.

use std::time::{SystemTime, UNIX_EPOCH};

use wasip2::random::random::get_random_u64;

use self::bindings::wasi::clocks::wall_clock::Datetime;
use self::bindings::wasi::otel::tracing::{
    SpanContext, SpanData, SpanKind, Status, TraceFlags, on_end, on_start, outer_span_context,
};
use self::bindings::wasi::otel::types::{InstrumentationScope, KeyValue};

#[allow(missing_docs, clippy::all, clippy::pedantic)]
mod bindings {
    wit_bindgen::generate!({
        inline: "
            package example:spans;

            world spans {
                import wasi:otel/tracing@0.2.0-rc.2;
            }
        ",
        path: ["../../wit/deps/wasi-clocks-0.2.0", "../../wit/deps/wasi-otel-0.2.0-rc.2"],
        generate_all,
    });
}

/// A span that ends when it is dropped.
pub struct Span(SpanData);

impl Span {
    /// Starts a span within the host's span of the request. Asked for anew by each request: an instance may serve several.
    pub fn of_request(name: &str) -> Self {
        Self::within(&outer_span_context(), name)
    }

    /// Starts a span within this one.
    pub fn child(&self, name: &str) -> Self {
        Self::within(&self.0.span_context, name)
    }

    fn within(parent: &SpanContext, name: &str) -> Self {
        let span_id = format!("{:016x}", get_random_u64());
        let context = SpanContext { span_id, is_remote: false, ..parent.clone() };
        if is_recorded(&context) {
            on_start(&context);
        }
        let scope = InstrumentationScope {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            schema_url: None,
            attributes: Vec::new(),
        };
        Self(SpanData {
            span_context: context,
            parent_span_id: parent.span_id.clone(),
            span_kind: SpanKind::Internal,
            name: name.to_owned(),
            start_time: now(),
            end_time: now(),
            attributes: Vec::new(),
            events: Vec::new(),
            links: Vec::new(),
            status: Status::Unset,
            instrumentation_scope: scope,
            dropped_attributes: 0,
            dropped_events: 0,
            dropped_links: 0,
        })
    }

    /// Sets an attribute. Values are JSON, in which a number is itself.
    pub fn set(&mut self, key: &str, value: usize) {
        self.0.attributes.push(KeyValue { key: key.to_owned(), value: value.to_string() });
    }

    /// Says that it failed.
    pub fn fail(&mut self, why: &str) {
        self.0.status = Status::Error(why.to_owned());
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if is_recorded(&self.0.span_context) {
            self.0.end_time = now();
            on_end(&self.0);
        }
    }
}

/// Where the host's trace is not sampled there is nothing to report.
fn is_recorded(context: &SpanContext) -> bool {
    context.trace_flags.contains(TraceFlags::SAMPLED)
}

fn now() -> Datetime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Datetime { seconds: since.as_secs(), nanoseconds: since.subsec_nanos() }
}
