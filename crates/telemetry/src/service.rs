//! A service that makes spans.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use opentelemetry::trace::{SpanBuilder, SpanKind, TraceContextExt, Tracer as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::SdkTracer;

use crate::export::Export;
use crate::limit::{shortened_attribute, shortened_name};
use crate::{ReportedSpans, Span};

/// Makes spans under one `service.name`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Service {
    tracer: Option<SdkTracer>,
    /// Where spans go, and the name by which this service is known there.
    export: Option<(Arc<Export>, Arc<str>)>,
}

impl Service {
    /// A service whose spans go nowhere; incoming contexts pass through.
    pub fn off() -> Self {
        Self { tracer: None, export: None }
    }

    pub(crate) fn on(tracer: SdkTracer, export: Arc<Export>, name: &str) -> Self {
        Self { tracer: Some(tracer), export: Some((export, name.into())) }
    }

    /// What takes the spans that this service's component reports; `None` if traces are off. It is made when it is first asked for.
    pub fn reported_spans(&self) -> Option<ReportedSpans> {
        let (export, name) = self.export.as_ref()?;
        export.reported(name)
    }

    /// Whether spans may be recorded at all. Ask before you compute names and attributes.
    pub fn is_recording(&self) -> bool {
        self.tracer.is_some()
    }

    /// Starts a span now.
    pub fn span(
        &self,
        name: impl Into<Cow<'static, str>>,
        kind: SpanKind,
        parent: &Context,
        attributes: Vec<KeyValue>,
    ) -> Span {
        self.start(name.into(), kind, parent, attributes, None)
    }

    /// Starts a span in the past, for work that began unobserved: an event that waited in the outbox.
    pub fn span_since(
        &self,
        start: SystemTime,
        name: impl Into<Cow<'static, str>>,
        kind: SpanKind,
        parent: &Context,
        attributes: Vec<KeyValue>,
    ) -> Span {
        self.start(name.into(), kind, parent, attributes, Some(start))
    }

    fn start(
        &self,
        name: Cow<'static, str>,
        kind: SpanKind,
        parent: &Context,
        attributes: Vec<KeyValue>,
        start_time: Option<SystemTime>,
    ) -> Span {
        let Some(tracer) = &self.tracer else {
            return Span::pass_through(parent);
        };
        let attributes: Vec<_> = attributes.into_iter().map(shortened_attribute).collect();
        let mut builder =
            SpanBuilder::from_name(shortened_name(name)).with_kind(kind).with_attributes(attributes);
        builder.start_time = start_time;
        let context = parent.with_span(tracer.build_with_context(builder, parent));
        // After the shutdown the SDK makes spans without identity, which would cut the trace.
        if context.span().span_context().is_valid() {
            Span::started(context)
        } else {
            Span::pass_through(parent)
        }
    }
}
