//! Traces that this process stores, for a laptop without a collector.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanKind, Status};
use opentelemetry::{Key, SpanId, TraceId};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use parking_lot::Mutex;

/// The most traces; the oldest goes when there are more.
const TRACES: usize = 1_000;

/// The most spans of one trace, and of all.
const SPANS_OF_TRACE: usize = 500;
const SPANS: usize = 20_000;

/// The most bytes of all spans. A span's texts are bounded (`TEXT_LIMIT_BYTES`), but callers choose some of them.
const BYTES: usize = 16 << 20;

/// The most spans of a list of traces, which become pages or JSON together.
pub const LATEST_SPANS: usize = 5_000;

/// A span that has ended.
#[derive(Clone, Debug)]
pub struct KeptSpan {
    /// The trace that it belongs to.
    pub trace_id: TraceId,
    /// Its identifier.
    pub span_id: SpanId,
    /// The span within which it was started; `None` for the root of a trace.
    pub parent: Option<SpanId>,
    /// The service that made it.
    pub service: Arc<str>,
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: SpanKind,
    /// Its start time.
    pub start: SystemTime,
    /// Its duration.
    pub duration: Duration,
    /// Attributes as text, in the order in which they were set.
    pub attributes: Vec<(String, String)>,
    /// Why it failed.
    pub error: Option<String>,
}

impl KeptSpan {
    /// Its size in memory, in bytes.
    fn bytes(&self) -> usize {
        let attributes = self.attributes.iter().map(|(key, value)| key.len() + value.len());
        let texts = attributes.sum::<usize>() + self.name.len() + self.error.as_ref().map_or(0, String::len);
        size_of::<Self>() + self.attributes.len() * size_of::<(String, String)>() + texts
    }
}

/// The latest traces. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct KeptTraces(Arc<Mutex<Store>>);

#[derive(Debug, Default)]
struct Store {
    traces: HashMap<TraceId, KeptTrace>,
    /// From the oldest to the newest.
    order: VecDeque<TraceId>,
    spans: usize,
    bytes: usize,
}

#[derive(Debug, Default)]
struct KeptTrace {
    spans: Vec<Arc<KeptSpan>>,
    bytes: usize,
}

impl KeptTraces {
    /// The spans of a trace by their start time; `None` if it is not, or no longer, stored.
    pub fn trace(&self, id: TraceId) -> Option<Vec<Arc<KeptSpan>>> {
        let mut spans = self.0.lock().traces.get(&id)?.spans.clone();
        spans.sort_by_key(|span| span.start);
        Some(spans)
    }

    /// The newest traces with a span that `wanted` accepts, the newest first: at most so many, and after the first one no more than have
    /// [`LATEST_SPANS`] together.
    pub fn latest(&self, most: usize, wanted: impl Fn(&KeptSpan) -> bool) -> Vec<Vec<Arc<KeptSpan>>> {
        let store = self.0.lock();
        let newest = store.order.iter().rev().filter_map(|id| Some(&store.traces.get(id)?.spans));
        let mut count = 0;
        let few = |spans: &&Vec<Arc<KeptSpan>>| {
            let is_first = count == 0;
            count += spans.len();
            is_first || count <= LATEST_SPANS
        };
        let wanted = newest.filter(|spans| spans.iter().any(|span| wanted(span)));
        let mut traces: Vec<_> = wanted.take(most).take_while(few).cloned().collect();
        drop(store);
        for spans in &mut traces {
            spans.sort_by_key(|span| span.start);
        }
        traces
    }

    /// The services that have made spans, in the order of their names.
    pub fn services(&self) -> Vec<Arc<str>> {
        let store = self.0.lock();
        let spans = store.traces.values().flat_map(|trace| &trace.spans);
        let mut services: Vec<_> = spans.map(|span| span.service.clone()).collect();
        drop(store);
        services.sort_unstable();
        services.dedup();
        services
    }

    fn keep(&self, span: KeptSpan) {
        let mut store = self.0.lock();
        let Store { traces, order, spans, bytes } = &mut *store;
        let of_trace = traces.entry(span.trace_id).or_insert_with(|| {
            order.push_back(span.trace_id);
            KeptTrace::default()
        });
        if of_trace.spans.len() < SPANS_OF_TRACE {
            let size = span.bytes();
            of_trace.spans.push(Arc::new(span));
            of_trace.bytes += size;
            *spans += 1;
            *bytes += size;
        }
        while order.len() > TRACES || *spans > SPANS || *bytes > BYTES {
            let Some(oldest) = order.pop_front().and_then(|oldest| traces.remove(&oldest)) else { break };
            *spans -= oldest.spans.len();
            *bytes -= oldest.bytes;
        }
    }
}

/// Stores the spans of one service.
#[derive(Debug)]
pub(crate) struct SpanStore {
    traces: KeptTraces,
    service: Arc<str>,
}

impl SpanStore {
    pub(crate) fn new(traces: KeptTraces) -> Self {
        Self { traces, service: "".into() }
    }
}

impl SpanExporter for SpanStore {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        for span in batch {
            self.traces.keep(kept(span, self.service.clone()));
        }
        Ok(())
    }

    fn set_resource(&mut self, resource: &Resource) {
        let name = resource.get(&Key::from_static_str("service.name"));
        self.service = name.map_or_else(|| "".into(), |name| name.as_str().into());
    }
}

fn kept(span: SpanData, service: Arc<str>) -> KeptSpan {
    KeptSpan {
        trace_id: span.span_context.trace_id(),
        span_id: span.span_context.span_id(),
        parent: (span.parent_span_id != SpanId::INVALID).then_some(span.parent_span_id),
        service,
        name: span.name.into_owned(),
        kind: span.span_kind,
        start: span.start_time,
        duration: span.end_time.duration_since(span.start_time).unwrap_or_default(),
        attributes: span
            .attributes
            .iter()
            .map(|attribute| (attribute.key.to_string(), attribute.value.to_string()))
            .collect(),
        error: match span.status {
            Status::Error { description } => Some(description.into_owned()),
            Status::Ok | Status::Unset => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(trace: u128, span: u64) -> KeptSpan {
        KeptSpan {
            trace_id: TraceId::from_bytes(trace.to_be_bytes()),
            span_id: SpanId::from_bytes(span.to_be_bytes()),
            parent: None,
            service: "orders".into(),
            name: "POST /orders".to_owned(),
            kind: SpanKind::Server,
            start: SystemTime::UNIX_EPOCH + Duration::from_secs(span),
            duration: Duration::from_millis(1),
            attributes: Vec::new(),
            error: None,
        }
    }

    #[test]
    fn the_oldest_traces_make_room_for_new_ones() {
        let traces = KeptTraces::default();
        for trace in 1..=TRACES as u128 + 5 {
            traces.keep(span(trace, 1));
        }
        let id = |trace: u128| TraceId::from_bytes(trace.to_be_bytes());
        assert!(traces.trace(id(5)).is_none() && traces.trace(id(6)).is_some());
        assert_eq!(traces.latest(2, |_| true)[0][0].trace_id, id(TRACES as u128 + 5));
    }

    #[test]
    fn neither_one_trace_nor_all_of_them_grow_without_end() {
        let traces = KeptTraces::default();
        for number in 0..=SPANS as u64 {
            traces.keep(span(1, number));
            traces.keep(span(2 + u128::from(number) / 400, number));
        }
        let store = traces.0.lock();
        assert!(
            store.spans <= SPANS && store.traces.values().all(|trace| trace.spans.len() <= SPANS_OF_TRACE)
        );
        assert_eq!(store.spans, store.traces.values().map(|trace| trace.spans.len()).sum::<usize>());
        drop(store);
    }

    #[test]
    fn long_texts_make_fewer_traces() {
        let traces = KeptTraces::default();
        for number in 0..30_000 {
            let path = ("url.path".to_owned(), "a".repeat(2 << 10));
            // Some of them belong to one trace, as a caller may have it.
            let trace = if number % 3 == 0 { 1 } else { number };
            traces.keep(KeptSpan { attributes: vec![path; 8], ..span(trace, 1) });
        }
        let store = traces.0.lock();
        let spans = || store.traces.values().flat_map(|trace| &trace.spans);
        assert_eq!(store.bytes, spans().map(|span| span.bytes()).sum::<usize>());
        assert!(store.bytes <= BYTES && store.bytes > BYTES / 2, "{}", store.bytes);
        assert!(spans().count() > 500);
    }
}
