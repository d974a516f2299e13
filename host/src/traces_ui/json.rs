//! The traces in the form of [Jaeger's query API](https://www.jaegertracing.io/docs/1.76/architecture/apis/#internal-http-json).

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use http::{Response, StatusCode, header};
use serde_json::{Value, json};
use wasmtime_wasi_http::WasiBody;
use waybill_telemetry::{KeptSpan, KeptTraces, TraceId};

use super::search::{LATEST, is_of};
use crate::answers::{answer, problem};
use crate::pages::parameter;

/// The names of the services.
pub(super) fn services(kept: &KeptTraces) -> Response<WasiBody> {
    let services = kept.services();
    let names: Vec<&str> = services.iter().map(|name| &**name).collect();
    json_text(json!({"data": names, "total": names.len()}).to_string())
}

/// The latest traces, those of `?service=` if one is named.
pub(super) fn traces(kept: &KeptTraces, query: &str) -> Response<WasiBody> {
    let service = parameter(query, "service").unwrap_or_default();
    let most = parameter(query, "limit").and_then(|limit| limit.parse().ok()).unwrap_or(20).min(LATEST);
    let found: Vec<Value> =
        kept.latest(most, |span| is_of(span, &service)).iter().map(|it| document(it)).collect();
    json_text(json!({"data": found}).to_string())
}

pub(super) fn trace(kept: &KeptTraces, id: &str) -> Response<WasiBody> {
    match TraceId::from_hex(id).ok().and_then(|id| kept.trace(id)) {
        Some(spans) => json_text(json!({"data": [document(&spans)]}).to_string()),
        None => problem(StatusCode::NOT_FOUND, "There is no such trace, or it is no longer kept."),
    }
}

fn document(spans: &[Arc<KeptSpan>]) -> Value {
    let mut processes: BTreeMap<&str, String> = BTreeMap::new();
    for span in spans {
        let next = format!("p{}", processes.len() + 1);
        processes.entry(&span.service).or_insert(next);
    }
    let of_span = |span: &KeptSpan| {
        let mut tags: Vec<Value> = span.attributes.iter().map(|(key, value)| tag(key, value)).collect();
        tags.push(tag("span.kind", &format!("{:?}", span.kind).to_lowercase()));
        if let Some(error) = &span.error {
            tags.push(json!({"key": "error", "type": "bool", "value": true}));
            tags.push(tag("otel.status_description", error));
        }
        let parent = span.parent.map(|parent| {
            json!({"refType": "CHILD_OF", "traceID": span.trace_id.to_string(), "spanID": parent.to_string()})
        });
        json!({
            "traceID": span.trace_id.to_string(),
            "spanID": span.span_id.to_string(),
            "operationName": span.name,
            "references": parent.into_iter().collect::<Vec<_>>(),
            "startTime": micros(span.start),
            "duration": u64::try_from(span.duration.as_micros()).unwrap_or(u64::MAX),
            "tags": tags,
            "logs": [],
            "processID": processes.get(&*span.service),
        })
    };
    let names = processes
        .iter()
        .map(|(service, process)| (process.clone(), json!({"serviceName": service, "tags": []})));
    json!({
        "traceID": spans.first().map(|span| span.trace_id.to_string()),
        "spans": spans.iter().map(|span| of_span(span)).collect::<Vec<_>>(),
        "processes": names.collect::<BTreeMap<_, _>>(),
    })
}

fn tag(key: &str, value: &str) -> Value {
    json!({"key": key, "type": "string", "value": value})
}

fn micros(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).ok().and_then(|since| u64::try_from(since.as_micros()).ok()).unwrap_or(0)
}

fn json_text(text: String) -> Response<WasiBody> {
    answer(StatusCode::OK, "application/json", text, &[(header::CACHE_CONTROL, "no-store")])
}
