use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use askama::Template;
use http::{Response, StatusCode};
use wasmtime_wasi_http::WasiBody;
use waybill_telemetry::{KeptSpan, KeptTraces, TraceId};

use super::search::{SECURITY, length};
use crate::pages::{Moment, duration, html};

/// Levels of indentation; deeper spans have the last one.
const LEVELS: usize = 12;

#[derive(Template)]
#[template(path = "trace.html")]
struct Page {
    id: String,
    rows: Vec<Row>,
    at: Option<Moment>,
    took: String,
    services: usize,
}

struct Row {
    name: String,
    service: String,
    /// Which of the colours the service has.
    colour: usize,
    level: usize,
    took: String,
    /// Where the bar begins and how long it is, in thousandths of the trace.
    from: u32,
    width: u32,
    after: String,
    error: Option<String>,
    kind: String,
    attributes: Vec<(String, String)>,
}

/// A trace as a waterfall.
pub(super) fn page(kept: &KeptTraces, id: &str) -> Response<WasiBody> {
    let spans = TraceId::from_hex(id).ok().and_then(|id| kept.trace(id)).unwrap_or_default();
    let status = if spans.is_empty() { StatusCode::NOT_FOUND } else { StatusCode::OK };
    let mut services: Vec<&str> = spans.iter().map(|span| &*span.service).collect();
    services.sort_unstable();
    services.dedup();
    let rows =
        in_order(&spans).into_iter().map(|(span, level)| row(span, level, &spans, &services)).collect();
    let page = Page {
        id: id.to_owned(),
        rows,
        at: spans.first().map(|span| Moment::of(span.start)),
        took: duration(length(&spans)),
        services: services.len(),
    };
    html(status, &page, SECURITY)
}

/// Each span after its parent, with its level. A span without a known parent is a root.
fn in_order(spans: &[Arc<KeptSpan>]) -> Vec<(&KeptSpan, usize)> {
    let known: HashSet<_> = spans.iter().map(|span| span.span_id).collect();
    let mut children: HashMap<_, Vec<&KeptSpan>> = HashMap::new();
    for span in spans {
        let parent = span.parent.filter(|parent| known.contains(parent) && *parent != span.span_id);
        children.entry(parent).or_default().push(span);
    }
    let mut ordered = Vec::with_capacity(spans.len());
    let mut waiting: Vec<(&KeptSpan, usize)> =
        children.remove(&None).into_iter().flatten().rev().map(|span| (span, 0)).collect();
    while let Some((span, level)) = waiting.pop() {
        ordered.push((span, level));
        let own = children.remove(&Some(span.span_id)).into_iter().flatten().rev();
        waiting.extend(own.map(|child| (child, level + 1)));
    }
    ordered
}

fn row(span: &KeptSpan, level: usize, spans: &[Arc<KeptSpan>], services: &[&str]) -> Row {
    let begin = spans.iter().map(|span| span.start).min().unwrap_or(span.start);
    let whole = length(spans).as_nanos().max(1);
    let after = span.start.duration_since(begin).unwrap_or_default();
    let share = |nanos: u128| u32::try_from(nanos * 1000 / whole).unwrap_or(1000).min(1000);
    let from = share(after.as_nanos()).min(997);
    Row {
        name: span.name.clone(),
        service: span.service.to_string(),
        colour: services.iter().position(|name| **name == *span.service).unwrap_or(0) % 4,
        level: level.min(LEVELS),
        took: duration(span.duration),
        from,
        width: share(span.duration.as_nanos()).max(3).min(1000 - from),
        after: duration(after),
        error: span.error.clone(),
        kind: format!("{:?}", span.kind).to_lowercase(),
        attributes: span.attributes.clone(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use waybill_telemetry::{SpanId, SpanKind};

    use super::*;

    fn span(id: u64, parent: Option<u64>) -> KeptSpan {
        KeptSpan {
            trace_id: TraceId::from_bytes(1_u128.to_be_bytes()),
            span_id: SpanId::from_bytes(id.to_be_bytes()),
            parent: parent.map(|parent| SpanId::from_bytes(parent.to_be_bytes())),
            service: "orders".into(),
            name: id.to_string(),
            kind: SpanKind::Internal,
            start: SystemTime::UNIX_EPOCH + Duration::from_millis(id),
            duration: Duration::from_millis(1),
            attributes: Vec::new(),
            error: None,
        }
    }

    #[test]
    fn each_span_stands_under_the_one_that_started_it() {
        // The parent of the first is a caller's, which is not kept here; the last names itself as its parent.
        let spans =
            [span(1, Some(99)), span(2, Some(1)), span(3, Some(2)), span(4, Some(1)), span(5, Some(5))]
                .map(Arc::new);
        let order: Vec<_> = in_order(&spans).into_iter().map(|(span, level)| (&*span.name, level)).collect();
        assert_eq!(order, [("1", 0), ("2", 1), ("3", 2), ("4", 1), ("5", 0)]);
    }
}
