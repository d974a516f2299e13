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

/// The most spans of one trace, and of all: a few hundred bytes each.
const SPANS_OF_TRACE: usize = 500;
const SPANS: usize = 20_000;

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

/// The latest traces. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct KeptTraces(Arc<Mutex<Store>>);

#[derive(Debug, Default)]
struct Store {
    traces: HashMap<TraceId, Vec<KeptSpan>>,
    /// From the oldest to the newest.
    order: VecDeque<TraceId>,
    spans: usize,
}

impl KeptTraces {
    /// The spans of a trace by their start time; `None` if it is not, or no longer, stored.
    pub fn trace(&self, id: TraceId) -> Option<Vec<KeptSpan>> {
        let mut spans = self.0.lock().traces.get(&id)?.clone();
        spans.sort_by_key(|span| span.start);
        Some(spans)
    }

    /// The newest traces with a span that `wanted` accepts, the newest first.
    pub fn latest(&self, most: usize, wanted: impl Fn(&KeptSpan) -> bool) -> Vec<Vec<KeptSpan>> {
        let store = self.0.lock();
        let newest = store.order.iter().rev().filter_map(|id| store.traces.get(id));
        let mut traces: Vec<_> =
            newest.filter(|spans| spans.iter().any(&wanted)).take(most).cloned().collect();
        drop(store);
        for spans in &mut traces {
            spans.sort_by_key(|span| span.start);
        }
        traces
    }

    /// The services that have made spans, in the order of their names.
    pub fn services(&self) -> Vec<Arc<str>> {
        let store = self.0.lock();
        let mut services: Vec<_> = store.traces.values().flatten().map(|span| span.service.clone()).collect();
        drop(store);
        services.sort_unstable();
        services.dedup();
        services
    }

    fn keep(&self, span: KeptSpan) {
        let mut store = self.0.lock();
        let Store { traces, order, spans } = &mut *store;
        let of_trace = traces.entry(span.trace_id).or_insert_with(|| {
            order.push_back(span.trace_id);
            Vec::new()
        });
        if of_trace.len() < SPANS_OF_TRACE {
            of_trace.push(span);
            *spans += 1;
        }
        while order.len() > TRACES || *spans > SPANS {
            let Some(oldest) = order.pop_front() else { break };
            *spans -= traces.remove(&oldest).map_or(0, |spans| spans.len());
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
        assert!(store.spans <= SPANS && store.traces.values().all(|spans| spans.len() <= SPANS_OF_TRACE));
        assert_eq!(store.spans, store.traces.values().map(Vec::len).sum::<usize>());
    }
}
