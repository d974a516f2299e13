//! A collector of traces and metrics that keeps what it is sent: OTLP over HTTP with protobuf, and over gRPC. Logs, which another host
//! sends too, are taken and dropped.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::sync::Arc;

use anyhow::{Result, ensure};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use parking_lot::Mutex;
use prost::Message;

use crate::serve::Server;

const GRPC_PATH: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const GRPC_METRICS_PATH: &str = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
const GRPC_LOGS_PATH: &str = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/// A collector on a free port.
#[derive(Debug)]
pub struct OtlpSink {
    received: Arc<Mutex<Received>>,
    server: Server,
}

#[derive(Debug, Default)]
struct Received {
    spans: Vec<SinkSpan>,
    /// The services that have sent metrics, with the names of these.
    metrics: BTreeSet<(String, String)>,
    /// The paths that were asked for, and what was wrong with a request.
    paths: Vec<String>,
    faults: Vec<String>,
}

/// A span as it was received.
#[derive(Clone, Debug)]
pub struct SinkSpan {
    /// The resource's `service.name`.
    pub service: String,
    pub name: String,
    /// Its trace, in hexadecimal.
    pub trace: String,
    /// Its own identifier, in hexadecimal.
    pub id: String,
    /// The identifier of the span that it is inside of; empty for a root.
    pub parent: String,
    /// Its attributes, as text.
    pub attributes: BTreeMap<String, String>,
    /// Nanoseconds since 1970.
    pub start_ns: u64,
    /// Nanoseconds since 1970.
    pub end_ns: u64,
    /// Whether its status is an error.
    pub failed: bool,
}

impl SinkSpan {
    /// Whether this service inserts into the table that has its name. By the summary: the text of a long statement is cut.
    pub fn is_insert_by(&self, service: &str) -> bool {
        let insert = format!("INSERT {service} ");
        let summary = self.attributes.get("db.query.summary");
        self.service == service && summary.is_some_and(|summary| summary.contains(&insert))
    }
}

impl OtlpSink {
    /// Starts a collector.
    pub async fn start() -> Result<Self> {
        let received = Arc::<Mutex<Received>>::default();
        let shared = received.clone();
        let server = Server::start(move |request| answer(request, shared.clone())).await?;
        Ok(Self { received, server })
    }

    /// Its address without any path, for `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// The spans so far. What was wrong with a request is an error.
    pub fn spans(&self) -> Result<Vec<SinkSpan>> {
        let received = self.received.lock();
        ensure!(received.faults.is_empty(), "the exporter sent what it should not: {:?}", received.faults);
        Ok(received.spans.clone())
    }

    /// The spans of one trace so far.
    pub fn trace(&self, trace: &str) -> Result<Vec<SinkSpan>> {
        Ok(self.spans()?.into_iter().filter(|span| span.trace == trace).collect())
    }

    /// The services that have sent metrics so far, with the names of these. What was wrong with a request is an error.
    pub fn metrics(&self) -> Result<BTreeSet<(String, String)>> {
        let received = self.received.lock();
        ensure!(received.faults.is_empty(), "the exporter sent what it should not: {:?}", received.faults);
        Ok(received.metrics.clone())
    }

    /// The paths of the requests so far.
    pub fn paths(&self) -> Vec<String> {
        self.received.lock().paths.clone()
    }
}

type Body = StreamBody<futures::stream::Iter<std::vec::IntoIter<Result<Frame<Bytes>, Infallible>>>>;

async fn answer(request: Request<Incoming>, received: Arc<Mutex<Received>>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let of_logs = path == GRPC_LOGS_PATH;
    let grpc = path == GRPC_PATH || path == GRPC_METRICS_PATH || of_logs;
    let of_metrics = path == GRPC_METRICS_PATH || path == "/v1/metrics";
    let known = grpc || of_metrics || path == "/v1/traces";
    let message = match body.collect().await {
        Ok(body) => message(&head.headers, body.to_bytes(), grpc),
        Err(error) => Err(format!("the body broke: {error}")),
    };
    {
        let mut received = received.lock();
        let fault = |error| format!("no export request: {error}");
        let taken = match message {
            _ if !known => Err(format!("no such path: {path}")),
            Err(fault) => Err(fault),
            Ok(_) if of_logs => Ok(()),
            Ok(message) if of_metrics => ExportMetricsServiceRequest::decode(message)
                .map(|export| received.metrics.extend(metrics(export)))
                .map_err(fault),
            Ok(message) => ExportTraceServiceRequest::decode(message)
                .map(|export| received.spans.extend(spans(export)))
                .map_err(fault),
        };
        received.faults.extend(taken.err());
        received.paths.push(path);
    }
    let (content_type, frames) = if grpc {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", hyper::header::HeaderValue::from_static("0"));
        // An empty message: not compressed, no bytes.
        ("application/grpc", vec![Frame::data(Bytes::from_static(&[0; 5])), Frame::trailers(trailers)])
    } else {
        ("application/x-protobuf", vec![])
    };
    let frames: Vec<_> = frames.into_iter().map(Ok).collect();
    let response = Response::builder()
        .status(if known { 200 } else { 404 })
        .header("content-type", content_type)
        .body(StreamBody::new(futures::stream::iter(frames)));
    response.expect("the parts of this response are fixed")
}

fn message(headers: &HeaderMap, body: Bytes, grpc: bool) -> Result<Bytes, String> {
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let expected = if grpc { "application/grpc" } else { "application/x-protobuf" };
    if content_type != expected {
        return Err(format!("content-type {content_type:?}"));
    }
    if !grpc {
        return Ok(body);
    }
    // Each gRPC message has a byte that says whether it is compressed, and its length in four.
    if body.len() < 5 || body[0] != 0 {
        return Err("a compressed or short gRPC message".to_owned());
    }
    Ok(body.slice(5..))
}

fn metrics(export: ExportMetricsServiceRequest) -> impl Iterator<Item = (String, String)> {
    export.resource_metrics.into_iter().flat_map(|of_resource| {
        let resource = attributes(of_resource.resource.unwrap_or_default().attributes);
        let service = resource.get("service.name").cloned().unwrap_or_default();
        let metrics = of_resource.scope_metrics.into_iter().flat_map(|scope| scope.metrics);
        metrics.map(move |metric| (service.clone(), metric.name)).collect::<Vec<_>>()
    })
}

fn spans(export: ExportTraceServiceRequest) -> impl Iterator<Item = SinkSpan> {
    export.resource_spans.into_iter().flat_map(|resource_spans| {
        let resource = attributes(resource_spans.resource.unwrap_or_default().attributes);
        let service = resource.get("service.name").cloned().unwrap_or_default();
        let spans = resource_spans.scope_spans.into_iter().flat_map(|scope| scope.spans);
        spans.map(move |span| of(service.clone(), span)).collect::<Vec<_>>()
    })
}

fn of(service: String, span: Span) -> SinkSpan {
    SinkSpan {
        service,
        name: span.name,
        trace: hex::encode(&span.trace_id),
        id: hex::encode(&span.span_id),
        parent: hex::encode(&span.parent_span_id),
        attributes: attributes(span.attributes),
        start_ns: span.start_time_unix_nano,
        end_ns: span.end_time_unix_nano,
        failed: span.status.is_some_and(|status| status.code == StatusCode::Error as i32),
    }
}

/// A value as text; the texts of a list with commas between them.
fn text(value: Value) -> String {
    match value {
        Value::StringValue(text) => text,
        Value::IntValue(number) => number.to_string(),
        Value::BoolValue(truth) => truth.to_string(),
        Value::ArrayValue(list) => {
            let texts: Vec<String> =
                list.values.into_iter().filter_map(|item| item.value).map(text).collect();
            texts.join(",")
        }
        other => format!("{other:?}"),
    }
}

fn attributes(list: Vec<KeyValue>) -> BTreeMap<String, String> {
    let value = |attribute: KeyValue| attribute.value.and_then(|value| value.value).map(text);
    list.into_iter().map(|attribute| (attribute.key.clone(), value(attribute).unwrap_or_default())).collect()
}
