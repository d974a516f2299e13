use std::sync::Arc;

use futures::future::BoxFuture;
use wasmtime::StoreLimits;
use waybill_telemetry::{
    Context, KeptTraces, LogFormat, Span, Telemetry, TelemetryConfig, TraceContext, TraceId, TraceSettings,
    parent_of,
};

use super::otel::Host as _;
use super::*;
use crate::runtime::{Call, PgValue, ResultRow, Sql, SqlReply};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

struct NoStatements;

impl Sql for NoStatements {
    fn query<'a>(&'a self, _: &'a str, _: Vec<PgValue>) -> BoxFuture<'a, SqlReply<Vec<ResultRow>>> {
        Box::pin(async { Err(wasmtime::format_err!("no statement is expected")) })
    }

    fn query_batch<'a>(&'a self, _: &'a str) -> BoxFuture<'a, SqlReply<()>> {
        Box::pin(async { Err(wasmtime::format_err!("no statement is expected")) })
    }
}

/// An instance in a call within the span that is returned, whose spans are kept.
fn call(flags: &str) -> (Telemetry, Guest, Span) {
    let traces = TraceSettings::kept_from_env().unwrap();
    let config = TelemetryConfig { log_filter: None, log_format: LogFormat::Json, traces };
    let telemetry = Telemetry::start(config).unwrap();
    let service = telemetry.service("orders");
    let caller = TraceContext::new(&format!("00-{TRACE}-b7ad6b7169203331-{flags}"), Some("shop=1"));
    let span = service.span("POST /notes", SpanKind::Server, &parent_of(caller.as_ref()), Vec::new());
    let spans = service.reported_spans();
    let call = Call { name: "orders", service, parent: Context::new(), spans: None };
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut guest = Guest::new(Arc::new(NoStatements), spans, StoreLimits::default(), call, deadline, None);
    guest.begin_call(span.context().clone(), deadline);
    (telemetry, guest, span)
}

/// The names of the kept spans of a trace.
fn kept(traces: &KeptTraces, trace: &str) -> Vec<String> {
    let spans = traces.trace(TraceId::from_hex(trace).unwrap()).unwrap_or_default();
    spans.iter().map(|span| span.name.clone()).collect()
}

fn context(trace_id: &str, span_id: &str) -> otel::SpanContext {
    otel::SpanContext {
        trace_id: trace_id.to_owned(),
        span_id: span_id.to_owned(),
        trace_flags: otel::TraceFlags::SAMPLED,
        is_remote: false,
        trace_state: vec![("x".to_owned(), "\u{7f}".repeat(10_000))],
    }
}

fn ended(span_context: otel::SpanContext, name: &str) -> otel::SpanData {
    let time = Datetime { seconds: u64::MAX, nanoseconds: u32::MAX };
    let attributes = vec![KeyValue { key: "\0".to_owned(), value: "{".repeat(5_000) }];
    otel::SpanData {
        parent_span_id: "no identifier".to_owned(),
        span_kind: otel::SpanKind::Consumer,
        name: name.to_owned(),
        start_time: time,
        end_time: time,
        attributes: attributes.clone(),
        events: vec![otel::Event { name: String::new(), time, attributes: attributes.clone() }],
        links: vec![otel::Link { span_context: context("", ""), attributes: attributes.clone() }],
        status: otel::Status::Error(String::new()),
        instrumentation_scope: otel::InstrumentationScope {
            name: String::new(),
            version: None,
            schema_url: Some("\n".repeat(5_000)),
            attributes,
        },
        dropped_attributes: u32::MAX,
        dropped_events: u32::MAX,
        dropped_links: u32::MAX,
        span_context,
    }
}

#[tokio::test]
async fn whatever_a_component_reports_its_call_goes_on_and_no_other_trace_has_it() {
    let (telemetry, mut guest, span) = call("01");
    let traces = telemetry.kept_traces().unwrap();
    let other = TRACE.replace('0', "1");
    for (trace, id) in [("", ""), (TRACE, "x"), ("é", "1"), (&other, "1"), (&"0".repeat(32), "0")] {
        guest.on_start(context(trace, id));
        guest.on_end(ended(context(trace, id), "refused"));
    }
    guest.on_end(ended(context(TRACE, "1"), "not started"));
    guest.on_start(context(TRACE, "1"));
    guest.on_end(ended(context(TRACE, "1"), "taken"));
    guest.on_end(ended(context(TRACE, "1"), "ended before"));
    // The component's own sampler does not want this one.
    let unsampled = otel::SpanContext { trace_flags: otel::TraceFlags::empty(), ..context(TRACE, "2") };
    guest.on_start(unsampled.clone());
    guest.on_end(ended(unsampled, "unsampled"));
    guest.end_call();
    // Nothing is taken between two calls.
    guest.on_start(context(TRACE, "3"));
    guest.on_end(ended(context(TRACE, "3"), "after the call"));
    drop(span);
    telemetry.shutdown().await;
    let mut names = kept(&traces, TRACE);
    names.sort();
    assert_eq!(names, ["POST /notes", "taken"]);
    assert!(kept(&traces, &other).is_empty());
}

#[tokio::test]
async fn the_outer_context_is_the_hosts_span_and_an_unsampled_trace_takes_nothing() {
    for (flags, names) in [("01", vec!["POST /notes", "own"]), ("00", Vec::new())] {
        let (telemetry, mut guest, span) = call(flags);
        let traces = telemetry.kept_traces().unwrap();
        let outer = guest.outer_span_context();
        let known = span.trace_context().unwrap();
        let given = format!("00-{}-{}-{flags}", outer.trace_id, outer.span_id);
        assert_eq!((given, outer.trace_id.as_str()), (known.traceparent, TRACE));
        assert_eq!(outer.trace_state, [("shop".to_owned(), "1".to_owned())]);
        assert_eq!(is_sampled(&outer), flags == "01");
        guest.on_start(context(TRACE, "1"));
        guest.on_end(ended(context(TRACE, "1"), "own"));
        drop((guest, span));
        telemetry.shutdown().await;
        let mut kept = kept(&traces, TRACE);
        kept.sort();
        assert_eq!(kept, names);
    }
}

#[test]
fn a_time_that_there_is_not_is_the_first_of_all() {
    let of = |seconds, nanoseconds| time(Datetime { seconds, nanoseconds });
    assert_eq!(of(1, 500_000_000), SystemTime::UNIX_EPOCH + Duration::from_millis(1500));
    for (seconds, nanoseconds) in [(u64::MAX, 0), (u64::MAX, u32::MAX), (1, 1_000_000_000)] {
        assert_eq!(of(seconds, nanoseconds), SystemTime::UNIX_EPOCH);
    }
}
