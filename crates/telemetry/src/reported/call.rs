use std::time::SystemTime;

use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, SpanKind, TraceContextExt as _, TraceFlags};
use thiserror::Error;

use super::ids::{span_id_of, trace_id_of};
use super::{ReportedSpan, ReportedSpans};

/// The most spans of one call; those that start later are refused. Those that started first are kept, since the others are inside of
/// them.
pub(super) const SPANS_OF_CALL: usize = 100;

/// The name of a span that a component started and did not end.
const UNFINISHED: &str = "unfinished span";

/// Why a reported span is not exported.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Refusal {
    /// It would write into a trace of others.
    #[error(
        "it is not of the trace of its request: start spans within what outer-span-context returns for that request"
    )]
    OtherTrace,
    /// It has no identity.
    #[error("an identifier of it is not of hexadecimal digits, or is zero")]
    Malformed,
    /// It was started after as many others as a call may have.
    #[error("a call may report {SPANS_OF_CALL} spans")]
    TooMany,
    /// Nothing is known of its start, or it has ended before.
    #[error("on-start was not called for it in the same call, or it has ended already")]
    NotStarted,
}

/// The end of a span, as it is reported.
#[derive(Debug)]
pub struct ReportedEnd<'a> {
    /// Its trace, in hexadecimal digits.
    pub trace_id: &'a str,
    /// Its identifier, in hexadecimal digits.
    pub span_id: &'a str,
    /// The span within which it was started.
    pub parent_span_id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// Its kind.
    pub kind: SpanKind,
    /// When it started.
    pub start: SystemTime,
    /// When it ended.
    pub end: SystemTime,
}

/// What a component reports within one call. It joins the trace of that call and no other: a span has that trace, and its parent is the
/// host's span or one that the component started in the same call.
#[derive(Debug)]
pub struct CallSpans {
    spans: ReportedSpans,
    outer: SpanContext,
    began: SystemTime,
    /// In the order of their starts.
    started: Vec<Started>,
}

#[derive(Debug)]
struct Started {
    id: SpanId,
    since: SystemTime,
    has_ended: bool,
}

impl CallSpans {
    pub(super) fn new(spans: ReportedSpans, outer: SpanContext) -> Self {
        Self { spans, outer, began: SystemTime::now(), started: Vec::new() }
    }

    /// Records that a span was started. One that cannot be reported is refused at its end.
    pub fn start(&mut self, trace_id: &str, span_id: &str) {
        let Ok(id) = self.identity(trace_id, span_id) else { return };
        let is_new = id != self.outer.span_id() && self.started.iter().all(|started| started.id != id);
        if is_new && self.started.len() < SPANS_OF_CALL {
            self.started.push(Started { id, since: SystemTime::now(), has_ended: false });
        }
    }

    /// The span that has ended, to be filled and reported. Its times are moved into those of the call.
    pub fn end(&mut self, end: &ReportedEnd<'_>) -> Result<ReportedSpan, Refusal> {
        let id = self.identity(end.trace_id, end.span_id)?;
        let is_full = self.started.len() >= SPANS_OF_CALL;
        let parent = span_id_of(end.parent_span_id).filter(|parent| *parent != id && self.is_own(*parent));
        match self.started.iter_mut().find(|started| started.id == id) {
            Some(started) if !started.has_ended => started.has_ended = true,
            None if is_full => return Err(Refusal::TooMany),
            Some(_) | None => return Err(Refusal::NotStarted),
        }
        let now = SystemTime::now().max(self.began);
        let start = end.start.clamp(self.began, now);
        let times = (start, end.end.clamp(start, now));
        Ok(self.span(id, parent, end.kind.clone(), end.name, times))
    }

    /// The context of what the host does for the component now: within the last span that was started and has not ended, if there is
    /// one.
    pub fn innermost(&self) -> Option<Context> {
        let open = self.started.iter().rev().find(|started| !started.has_ended)?;
        Some(Context::new().with_remote_span_context(self.context(open.id)))
    }

    fn identity(&self, trace_id: &str, id: &str) -> Result<SpanId, Refusal> {
        let trace_id = trace_id_of(trace_id).ok_or(Refusal::Malformed)?;
        let id = span_id_of(id).ok_or(Refusal::Malformed)?;
        if trace_id == self.outer.trace_id() { Ok(id) } else { Err(Refusal::OtherTrace) }
    }

    fn is_own(&self, id: SpanId) -> bool {
        self.started.iter().any(|started| started.id == id)
    }

    fn context(&self, id: SpanId) -> SpanContext {
        let state = self.outer.trace_state().clone();
        SpanContext::new(self.outer.trace_id(), id, TraceFlags::SAMPLED, false, state)
    }

    /// A span whose parent is not known here stands within the host's.
    fn span(
        &self,
        id: SpanId,
        parent: Option<SpanId>,
        kind: SpanKind,
        name: &str,
        times: (SystemTime, SystemTime),
    ) -> ReportedSpan {
        let parent = parent.unwrap_or_else(|| self.outer.span_id());
        ReportedSpan::new(self.spans.clone(), self.context(id), parent, kind, name, times)
    }
}

impl Drop for CallSpans {
    /// What a component did not end, because it trapped for example, is exported so that what is inside of it has its parent.
    fn drop(&mut self) {
        let now = SystemTime::now();
        for started in self.started.iter().filter(|started| !started.has_ended) {
            let times = (started.since, now.max(started.since));
            let mut span = self.span(started.id, None, SpanKind::Internal, UNFINISHED, times);
            span.set_error("the component did not end this span");
            span.report();
        }
    }
}
