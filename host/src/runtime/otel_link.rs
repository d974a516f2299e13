//! `wasi:otel/tracing`: the spans that a component measures itself, in the trace of its request.
//!
//! Nothing that a component reports makes it trap: what cannot be taken is counted, and the log says why.

use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use wasmtime::component::Component;
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use waybill_telemetry::{
    Refusal, ReportedEnd, ReportedSpan, ReportedSpans, Service, SpanKind, TraceContextExt as _,
};

use super::Guest;
use super::bindings::otel::wasi::otel::tracing as otel;
use super::bindings::otel::wasi::otel::types::KeyValue;
use crate::metrics::instances;

/// The interface as a component imports it, without its version.
const TRACING: &str = "wasi:otel/tracing@";

/// Refused spans are logged no more often than this.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

/// What takes the spans of this component; `None` if it reports none, or traces are off.
pub(super) fn spans_of(component: &Component, service: &Service) -> Option<ReportedSpans> {
    let component_type = component.component_type();
    let reports = component_type.imports(component.engine()).any(|(name, _)| name.starts_with(TRACING));
    reports.then(|| service.reported_spans()).flatten()
}

impl otel::Host for Guest {
    fn on_start(&mut self, context: otel::SpanContext) {
        if let Some(spans) = &mut self.call.spans
            && is_sampled(&context)
        {
            spans.start(&context.trace_id, &context.span_id);
        }
    }

    fn on_end(&mut self, span: otel::SpanData) {
        let Some(spans) = &mut self.call.spans else { return };
        if !is_sampled(&span.span_context) {
            return;
        }
        let end = ReportedEnd {
            trace_id: &span.span_context.trace_id,
            span_id: &span.span_context.span_id,
            parent_span_id: &span.parent_span_id,
            name: &span.name,
            kind: kind(span.span_kind),
            start: time(span.start_time),
            end: time(span.end_time),
        };
        match spans.end(&end) {
            Ok(mut ended) => {
                fill(&mut ended, span);
                ended.report();
            }
            Err(refusal) => refuse(self.call.name, refusal),
        }
    }

    /// Where this host records no span of its own, it is that of the request's caller, which the component may pass on.
    fn outer_span_context(&mut self) -> otel::SpanContext {
        let span = self.call.parent.span();
        let outer = span.span_context();
        let sampled = if outer.is_sampled() { otel::TraceFlags::SAMPLED } else { otel::TraceFlags::empty() };
        let state = outer.trace_state().header();
        let entries = state.split(',').filter_map(|entry| entry.split_once('='));
        otel::SpanContext {
            trace_id: outer.trace_id().to_string(),
            span_id: outer.span_id().to_string(),
            trace_flags: sampled,
            is_remote: outer.is_remote(),
            trace_state: entries.map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
        }
    }
}

/// A span without this flag is one that the component itself does not want exported.
fn is_sampled(context: &otel::SpanContext) -> bool {
    context.trace_flags.contains(otel::TraceFlags::SAMPLED)
}

fn fill(ended: &mut ReportedSpan, span: otel::SpanData) {
    ended.set_attributes(pairs(span.attributes));
    for event in span.events {
        ended.add_event(&event.name, time(event.time), pairs(event.attributes));
    }
    for link in span.links {
        let linked = link.span_context;
        ended.add_link(&linked.trace_id, &linked.span_id, pairs(link.attributes));
    }
    match span.status {
        otel::Status::Unset => {}
        otel::Status::Ok => ended.set_ok(),
        otel::Status::Error(description) => ended.set_error(&description),
    }
    let scope = span.instrumentation_scope;
    let (version, schema_url) = (scope.version.as_deref(), scope.schema_url.as_deref());
    ended.set_scope(&scope.name, version, schema_url, pairs(scope.attributes));
    ended.count_dropped(span.dropped_attributes, span.dropped_events, span.dropped_links);
}

fn pairs(attributes: Vec<KeyValue>) -> impl Iterator<Item = (String, String)> {
    attributes.into_iter().map(|attribute| (attribute.key, attribute.value))
}

fn kind(kind: otel::SpanKind) -> SpanKind {
    match kind {
        otel::SpanKind::Client => SpanKind::Client,
        otel::SpanKind::Server => SpanKind::Server,
        otel::SpanKind::Producer => SpanKind::Producer,
        otel::SpanKind::Consumer => SpanKind::Consumer,
        otel::SpanKind::Internal => SpanKind::Internal,
    }
}

/// A time that there is not is the first of all, which then becomes that of the call.
fn time(time: Datetime) -> SystemTime {
    let valid = time.nanoseconds < 1_000_000_000;
    let since = valid.then(|| Duration::new(time.seconds, time.nanoseconds));
    since.and_then(|since| SystemTime::UNIX_EPOCH.checked_add(since)).unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Counts a span that is not exported, and logs why, for the first in each interval.
fn refuse(component: &'static str, refusal: Refusal) {
    struct Refused {
        logged_at: Option<Instant>,
        unlogged: u64,
    }
    static REFUSED: Mutex<Refused> = Mutex::new(Refused { logged_at: None, unlogged: 0 });
    instances().refuse_span(component);
    let mut refused = REFUSED.lock();
    if refused.logged_at.is_some_and(|logged_at| logged_at.elapsed() < LOG_INTERVAL) {
        refused.unlogged = refused.unlogged.saturating_add(1);
        return;
    }
    let before = std::mem::replace(&mut *refused, Refused { logged_at: Some(Instant::now()), unlogged: 0 });
    let others = (before.unlogged > 0).then_some(before.unlogged);
    tracing::warn!(component, others, "a span that the component reported was left out: {refusal}");
}

#[cfg(test)]
mod tests;
