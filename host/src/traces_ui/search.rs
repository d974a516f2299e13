use std::sync::Arc;

use askama::Template;
use http::{Response, StatusCode};
use wasmtime_wasi_http::WasiBody;
use waybill_telemetry::{KeptSpan, KeptTraces};

use crate::pages::{Moment, duration, html, parameter};

/// Traces of a list.
pub(super) const LATEST: usize = 50;

/// The content security policy of the pages.
pub(super) const SECURITY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "traces.html")]
struct Page {
    services: Vec<(String, bool)>,
    text: String,
    traces: Vec<Row>,
}

struct Row {
    id: String,
    name: String,
    services: String,
    spans: usize,
    errors: usize,
    at: Moment,
    took: String,
    /// Percent of the longest in the list.
    share: u32,
}

/// The latest traces, those of one service or with a text in a name or an attribute if that is asked for.
pub(super) fn page(kept: &KeptTraces, query: &str) -> Response<WasiBody> {
    let parameter = |name| parameter(query, name).unwrap_or_default().trim().to_owned();
    let (service, text) = (parameter("service"), parameter("text"));
    let traces = kept.latest(LATEST, |span| is_of(span, &service) && has(span, &text));
    let longest = traces.iter().map(|spans| length(spans).as_micros()).max().unwrap_or(0).max(1);
    let traces = traces.iter().filter_map(|spans| row(spans, longest)).collect();
    let services = kept.services().iter().map(|name| (name.to_string(), **name == *service)).collect();
    html(StatusCode::OK, &Page { services, text, traces }, SECURITY)
}

pub(super) fn is_of(span: &KeptSpan, service: &str) -> bool {
    service.is_empty() || *span.service == *service
}

fn has(span: &KeptSpan, text: &str) -> bool {
    text.is_empty()
        || span.name.contains(text)
        || span.trace_id.to_string() == text
        || span.attributes.iter().any(|(_, value)| value.contains(text))
}

/// From the beginning of the first span to the end of the last one.
pub(super) fn length(spans: &[Arc<KeptSpan>]) -> std::time::Duration {
    let first = spans.iter().map(|span| span.start).min();
    let last = spans.iter().map(|span| span.start + span.duration).max();
    first.zip(last).and_then(|(first, last)| last.duration_since(first).ok()).unwrap_or_default()
}

fn row(spans: &[Arc<KeptSpan>], longest: u128) -> Option<Row> {
    let root = spans.iter().find(|span| span.parent.is_none()).or(spans.first())?;
    let mut services: Vec<&str> = spans.iter().map(|span| &*span.service).collect();
    services.sort_unstable();
    services.dedup();
    let took = length(spans);
    Some(Row {
        id: root.trace_id.to_string(),
        name: root.name.clone(),
        services: services.join(", "),
        spans: spans.len(),
        errors: spans.iter().filter(|span| span.error.is_some()).count(),
        at: Moment::of(root.start),
        took: duration(took),
        share: u32::try_from(took.as_micros() * 100 / longest).unwrap_or(100).max(1),
    })
}
