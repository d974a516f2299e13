//! One span, ended when it is dropped.

use std::borrow::Cow;
use std::fmt;

use opentelemetry::trace::{Status, TraceContextExt};
use opentelemetry::{Context, KeyValue};

use crate::TraceContext;
use crate::limit::{TEXT_LIMIT_BYTES, shortened, shortened_attribute, shortened_name};
use crate::trace_context::of_context;

/// A span that ends when it is dropped. Where traces are off it stands for its parent: [`Span::context`] is then the
/// parent's context, and an incoming trace passes through unchanged.
#[must_use = "a span ends when it is dropped"]
pub struct Span {
    context: Context,
    /// Whether `context` holds a span of our own, which has to be ended.
    own: bool,
}

impl Span {
    pub(crate) fn started(context: Context) -> Self {
        Self { context, own: true }
    }

    pub(crate) fn pass_through(parent: &Context) -> Self {
        Self { context: parent.clone(), own: false }
    }

    /// The context to start children in.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// What to send to others, or to store, so that they continue the trace. `None` if there is no trace.
    pub fn trace_context(&self) -> Option<TraceContext> {
        of_context(&self.context)
    }

    /// Whether attributes are kept. Ask before you compute expensive ones.
    pub fn is_recording(&self) -> bool {
        self.own && self.context.span().is_recording()
    }

    /// Sets an attribute.
    pub fn set_attribute(&self, attribute: KeyValue) {
        if self.own {
            self.context.span().set_attribute(shortened_attribute(attribute));
        }
    }

    /// Marks the span as failed, with one sentence about the cause that contains no secret.
    pub fn set_error(&self, description: &str) {
        if self.own {
            let description = shortened(description, TEXT_LIMIT_BYTES).into_owned();
            self.context.span().set_status(Status::error(description));
        }
    }

    /// Gives the span another name, once more is known than at its start: the route of a request, for example.
    pub fn set_name(&self, name: impl Into<Cow<'static, str>>) {
        if self.own {
            self.context.span().update_name(shortened_name(name.into()));
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if self.own {
            self.context.span().end();
        }
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Span").field(&self.trace_context()).finish()
    }
}
