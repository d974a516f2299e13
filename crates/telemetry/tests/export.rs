//! Spans that reach a real collector, over both protocols.

// What fails in a helper fails the test.
#![allow(clippy::unwrap_used)]

mod sink;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant, SystemTime};

use hyper::StatusCode;
use waybill_telemetry::{
    Context, LogFormat, ReportedEnd, SpanKind, Telemetry, TelemetryConfig, TraceContext, TraceSettings,
    names, parent_of,
};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn start(variables: &[(&str, String)]) -> Telemetry {
    let get = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let traces = TraceSettings::from_variables(get).unwrap();
    let config = TelemetryConfig { log_filter: None, log_format: LogFormat::Json, traces };
    Telemetry::start(config).unwrap()
}

fn parent() -> Context {
    parent_of(TraceContext::new(PARENT, Some("vendor=1")).as_ref())
}

fn on(address: SocketAddr, path: &str) -> String {
    format!("http://{address}{path}")
}

#[tokio::test]
async fn spans_arrive_over_http_under_the_name_of_their_service() {
    let (address, mut exports) = sink::start(StatusCode::OK).await;
    let telemetry = start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", on(address, "")),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc".to_owned()),
        ("OTEL_RESOURCE_ATTRIBUTES", "team=blue".to_owned()),
    ]);
    let span = telemetry.service("orders").span(
        names::http_server("POST", Some("/orders")),
        SpanKind::Server,
        &parent(),
        vec![names::http_method("POST")],
    );
    span.set_attribute(names::http_status(500));
    span.set_error("the database is unavailable");
    let sent = span.trace_context().unwrap();
    drop(span);
    telemetry.shutdown().await;

    let export = exports.recv().await.unwrap();
    assert_eq!(export.path, "/v1/traces");
    assert_eq!(export.headers["authorization"], "Bearer abc");
    assert_eq!(export.resource("service.name").as_deref(), Some("orders"));
    assert_eq!(export.resource("team").as_deref(), Some("blue"));
    let span = export.spans().next().unwrap();
    assert_eq!(span.name, "POST /orders");
    assert_eq!(span.status.as_ref().unwrap().message, "the database is unavailable");
    assert_eq!(span.attributes.len(), 2);
    // It continues the incoming trace, and passes the incoming state on.
    assert_eq!(hex::encode(&span.trace_id), &PARENT[3..35]);
    assert_eq!(hex::encode(&span.parent_span_id), &PARENT[36..52]);
    assert_eq!(
        sent.traceparent,
        format!("00-{}-{}-01", hex::encode(&span.trace_id), hex::encode(&span.span_id))
    );
    assert_eq!(sent.tracestate.as_deref(), Some("vendor=1"));
}

#[tokio::test]
async fn the_ways_to_write_an_endpoint_reach_the_same_path() {
    for (variable, path) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "/"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "/v1/traces"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces"),
    ] {
        let (address, mut exports) = sink::start(StatusCode::OK).await;
        let telemetry = start(&[
            (variable, on(address, path)),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", String::new()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()),
        ]);
        drop(telemetry.service("orders").span("a", SpanKind::Internal, &Context::new(), Vec::new()));
        telemetry.shutdown().await;
        assert_eq!(exports.recv().await.unwrap().path, "/v1/traces", "{variable} {path}");
    }
}

#[tokio::test]
async fn spans_arrive_over_grpc() {
    let (address, mut exports) = sink::start(StatusCode::OK).await;
    let telemetry = start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", on(address, "")),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc".to_owned()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=abc".to_owned()),
        ("OTEL_SERVICE_NAME", "shop".to_owned()),
    ]);
    let begun = SystemTime::now() - Duration::from_mins(1);
    for service in ["orders", "invoices"] {
        let service = telemetry.service(service);
        drop(service.span_since(begun, names::OUTBOX_WAIT, SpanKind::Internal, &parent(), Vec::new()));
    }
    telemetry.shutdown().await;

    for _ in 0..2 {
        let export = exports.recv().await.unwrap();
        assert_eq!(export.path, "/opentelemetry.proto.collector.trace.v1.TraceService/Export");
        assert_eq!(export.headers["x-api-key"], "abc");
        assert_eq!(export.resource("service.name").as_deref(), Some("shop"));
        let span = export.spans().next().unwrap();
        assert_eq!(span.name, "outbox wait");
        assert!(span.end_time_unix_nano - span.start_time_unix_nano >= 60_000_000_000);
    }
}

#[tokio::test]
async fn a_sampled_out_trace_is_not_exported_but_travels_on() {
    let (address, mut exports) = sink::start(StatusCode::OK).await;
    let telemetry = start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", on(address, "")),
        ("OTEL_TRACES_SAMPLER", "always_off".to_owned()),
    ]);
    let span = telemetry.service("orders").span("a", SpanKind::Internal, &parent(), Vec::new());
    assert!(!span.is_recording());
    let sent = span.trace_context().unwrap();
    assert!(sent.traceparent.starts_with(&PARENT[..35]) && sent.traceparent.ends_with("-00"));
    drop(span);
    telemetry.shutdown().await;
    assert!(exports.try_recv().is_err());
}

#[tokio::test]
async fn a_flood_of_a_components_spans_takes_the_place_of_none_of_the_hosts() {
    let (address, mut exports) = sink::start(StatusCode::OK).await;
    let telemetry = start(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", on(address, "")),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "4".to_owned()),
    ]);
    let orders = telemetry.service("orders");
    let outer = orders.span("outer", SpanKind::Server, &parent(), Vec::new());
    let mut call = orders.reported_spans().unwrap().of_call(outer.context()).unwrap();
    let (trace_id, now) = (&PARENT[3..35], SystemTime::now());
    for id in 1..=100 {
        let span_id = &format!("{id:x}");
        let (parent_span_id, name, kind) = ("", "reported", SpanKind::Internal);
        call.start(trace_id, span_id);
        let end = ReportedEnd { trace_id, span_id, parent_span_id, name, kind, start: now, end: now };
        call.end(&end).unwrap().report();
    }
    let outer_id = outer.trace_context().unwrap().traceparent[36..52].to_owned();
    drop((call, outer));
    telemetry.shutdown().await;
    let mut names = Vec::new();
    while let Ok(export) = exports.try_recv() {
        assert_eq!(export.resource("service.name").as_deref(), Some("orders"));
        for span in export.spans() {
            assert_eq!(hex::encode(&span.trace_id), trace_id);
            assert!(span.name == "outer" || hex::encode(&span.parent_span_id) == outer_id);
            names.push(span.name.clone());
        }
    }
    assert_eq!(names.iter().filter(|name| *name == "outer").count(), 1, "{names:?}");
    assert!(names.len() > 1, "{names:?}");
}

#[tokio::test]
async fn an_unavailable_or_refusing_collector_delays_nothing() {
    let (refusing, _exports) = sink::start(StatusCode::FORBIDDEN).await;
    // Nothing listens on this port any more, and it was free a moment ago.
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap();
    // This one accepts connections and never answers.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    for address in [refusing, closed, silent.local_addr().unwrap()] {
        let telemetry = start(&[
            ("OTEL_EXPORTER_OTLP_ENDPOINT", on(address, "")),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "16".to_owned()),
        ]);
        let orders = telemetry.service("orders");
        let begun = Instant::now();
        for _ in 0..10_000 {
            drop(orders.span("a", SpanKind::Internal, &Context::new(), Vec::new()));
        }
        telemetry.shutdown().await;
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        // After the end spans are still harmless, and contexts still pass.
        let late = orders.span("late", SpanKind::Internal, &parent(), Vec::new());
        assert_eq!(late.trace_context().unwrap().traceparent, PARENT);
    }
}

#[tokio::test]
async fn without_an_endpoint_contexts_pass_through_unchanged() {
    let telemetry = start(&[]);
    let orders = telemetry.service("orders");
    assert!(!orders.is_recording());
    let span = orders.span("a", SpanKind::Server, &parent(), Vec::new());
    span.set_error("nobody sees this");
    assert_eq!(span.trace_context().unwrap().traceparent, PARENT);
    let nothing = orders.span("a", SpanKind::Server, &Context::new(), Vec::new());
    assert!(nothing.trace_context().is_none());
    telemetry.shutdown().await;
}

#[test]
fn exporting_outside_of_a_runtime_is_an_error() {
    let get = |name: &str| (name == "OTEL_TRACES_EXPORTER").then(|| "otlp".to_owned());
    let traces = TraceSettings::from_variables(get).unwrap();
    let config = TelemetryConfig { traces, ..TelemetryConfig::default() };
    assert!(Telemetry::start(config).unwrap_err().to_string().contains("Tokio runtime"));
}
