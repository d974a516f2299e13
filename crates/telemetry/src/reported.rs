//! Spans that a component measures itself and reports when they have ended.
//!
//! [`ReportedSpans`] exports them beside the host's own. [`CallSpans`] holds what a component may report within one call, and
//! [`ReportedSpan`] how much of a span is kept.

mod call;
mod ids;
mod span;
mod value;

use std::sync::Arc;
use std::time::Duration;

pub use call::{CallSpans, Refusal, ReportedEnd};
use opentelemetry::Context;
use opentelemetry::trace::TraceContextExt as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SpanData, SpanProcessor as _};
pub use span::ReportedSpan;

/// The most spans of a component that wait for their export; more are dropped.
pub(crate) const QUEUED_SPANS: usize = 512;

/// Takes the spans that the component of one service reports. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ReportedSpans(Arc<BatchSpanProcessor>);

impl ReportedSpans {
    pub(crate) fn new(processor: BatchSpanProcessor) -> Self {
        Self(Arc::new(processor))
    }

    /// The spans of a call within the host's span `outer`; `None` if that is not recorded, so that its trace is not sampled or traces
    /// are off.
    pub fn of_call(&self, outer: &Context) -> Option<CallSpans> {
        let outer = outer.span().span_context().clone();
        let is_recorded = outer.is_valid() && outer.is_sampled() && !outer.is_remote();
        is_recorded.then(|| CallSpans::new(self.clone(), outer))
    }

    fn export(&self, span: SpanData) {
        self.0.on_end(span);
    }

    pub(crate) fn shutdown_with_timeout(&self, limit: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(limit)
    }
}

#[cfg(test)]
mod tests;
