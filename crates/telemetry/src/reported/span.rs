use std::borrow::Cow;
use std::time::SystemTime;

use opentelemetry::trace::{Event, Link, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceState};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};

use super::ids::{span_id_of, trace_id_of};
use super::{ReportedSpans, value};
use crate::limit::{TEXT_LIMIT_BYTES, shortened};

/// What the attributes, events and links of one span may take, in bytes. What comes after the first one that does not fit is left out
/// and counted.
pub(super) const SPAN_BYTES: usize = 8 << 10;

/// What each of them takes beside its texts, in bytes.
const ITEM_BYTES: usize = 64;

/// The longest name of an attribute, and the longest texts of a scope, in bytes.
const KEY_BYTES: usize = 256;

/// A span that has ended, and of which as much is kept as has a bound.
#[derive(Debug)]
pub struct ReportedSpan {
    spans: ReportedSpans,
    data: SpanData,
    left_bytes: usize,
}

impl ReportedSpan {
    pub(super) fn new(
        spans: ReportedSpans,
        span_context: SpanContext,
        parent_span_id: SpanId,
        span_kind: SpanKind,
        name: &str,
        (start_time, end_time): (SystemTime, SystemTime),
    ) -> Self {
        let data = SpanData {
            span_context,
            parent_span_id,
            parent_span_is_remote: false,
            span_kind,
            name: shortened(name, TEXT_LIMIT_BYTES).into_owned().into(),
            start_time,
            end_time,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::default(),
        };
        Self { spans, data, left_bytes: SPAN_BYTES }
    }

    /// Takes attributes, whose values are JSON, as far as they fit.
    pub fn set_attributes(&mut self, attributes: impl IntoIterator<Item = (String, String)>) {
        let (kept, dropped) = self.take(attributes);
        self.data.attributes.extend(kept);
        self.count_dropped(dropped, 0, 0);
    }

    /// Takes an event, if it fits.
    pub fn add_event(
        &mut self,
        name: &str,
        time: SystemTime,
        attributes: impl IntoIterator<Item = (String, String)>,
    ) {
        let name = shortened(name, TEXT_LIMIT_BYTES).into_owned();
        if !self.charge(ITEM_BYTES + name.len()) {
            return self.count_dropped(0, 1, 0);
        }
        let time = time.clamp(self.data.start_time, self.data.end_time);
        let (kept, dropped) = self.take(attributes);
        self.data.events.events.push(Event::new(name, time, kept, dropped));
    }

    /// Takes a link to a span, if it fits. It may be one of another trace, in which nothing is written.
    pub fn add_link(
        &mut self,
        trace_id: &str,
        span_id: &str,
        attributes: impl IntoIterator<Item = (String, String)>,
    ) {
        let identity = (trace_id_of(trace_id), span_id_of(span_id));
        let (Some(trace), Some(span)) = identity else { return self.count_dropped(0, 0, 1) };
        if !self.charge(2 * ITEM_BYTES) {
            return self.count_dropped(0, 0, 1);
        }
        let (kept, dropped) = self.take(attributes);
        let context = SpanContext::new(trace, span, TraceFlags::SAMPLED, true, TraceState::default());
        self.data.links.links.push(Link::new(context, kept, dropped));
    }

    /// Says that it ended well.
    pub fn set_ok(&mut self) {
        self.data.status = Status::Ok;
    }

    /// Says that it ended with this error.
    pub fn set_error(&mut self, description: &str) {
        self.data.status = Status::error(shortened(description, TEXT_LIMIT_BYTES).into_owned());
    }

    /// Says what made it.
    pub fn set_scope(
        &mut self,
        name: &str,
        version: Option<&str>,
        schema_url: Option<&str>,
        attributes: impl IntoIterator<Item = (String, String)>,
    ) {
        let short = |text: &str| -> Cow<'static, str> { shortened(text, KEY_BYTES).into_owned().into() };
        let (kept, _) = self.take(attributes);
        let mut scope = InstrumentationScope::builder(short(name)).with_attributes(kept);
        if let Some(version) = version {
            scope = scope.with_version(short(version));
        }
        if let Some(schema_url) = schema_url {
            scope = scope.with_schema_url(short(schema_url));
        }
        self.data.instrumentation_scope = scope.build();
    }

    /// Counts what its maker has left out already.
    pub fn count_dropped(&mut self, attributes: u32, events: u32, links: u32) {
        let data = &mut self.data;
        for (count, more) in [
            (&mut data.dropped_attributes_count, attributes),
            (&mut data.events.dropped_count, events),
            (&mut data.links.dropped_count, links),
        ] {
            *count = count.saturating_add(more);
        }
    }

    /// Exports it.
    pub fn report(self) {
        self.spans.export(self.data);
    }

    /// The attributes that fit, and how many do not.
    fn take(&mut self, attributes: impl IntoIterator<Item = (String, String)>) -> (Vec<KeyValue>, u32) {
        let (mut kept, mut dropped) = (Vec::new(), 0_u32);
        for (key, json) in attributes {
            match self.attribute(key, &json) {
                Some(attribute) => kept.push(attribute),
                None => dropped = dropped.saturating_add(1),
            }
        }
        (kept, dropped)
    }

    fn attribute(&mut self, key: String, json: &str) -> Option<KeyValue> {
        if self.left_bytes == 0 || key.is_empty() || key.len() > KEY_BYTES {
            return None;
        }
        let value = value::of_json(json);
        let fits = self.charge(ITEM_BYTES + key.len() + value::bytes(&value));
        fits.then(|| KeyValue::new(key, value))
    }

    /// Whether so many bytes fit. After the first that do not, nothing does, so that a flood is over soon.
    fn charge(&mut self, bytes: usize) -> bool {
        let left = self.left_bytes.checked_sub(bytes);
        self.left_bytes = left.unwrap_or(0);
        left.is_some()
    }
}
