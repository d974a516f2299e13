use std::time::SystemTime;

use http::{HeaderMap, HeaderValue, Request, StatusCode};
use waybill_telemetry::{Service, Span, SpanKind, TraceContext, names, parent_of};

use crate::endpoints::route;
use crate::metrics::{InFlight, Requests, requests};

/// Traces and counts the requests of one service.
#[derive(Clone)]
pub(super) struct Tracing {
    service: Service,
    requests: Requests,
}

impl Tracing {
    pub(super) fn new(name: &'static str, service: Service) -> Self {
        Self { service, requests: requests(name) }
    }

    pub(super) fn begin<B>(&self, request: &Request<B>) -> Exchange<'_> {
        let route = route(request.uri().path());
        Exchange {
            route,
            in_flight: self.requests.begin(request.method(), route),
            span: self.span(request, route),
            began: SystemTime::now(),
            writes: !request.method().is_safe(),
        }
    }

    /// The request's span, which continues the caller's trace.
    fn span<B>(&self, request: &Request<B>, route: &'static str) -> Span {
        let header = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let caller = parent_of(TraceContext::from_headers(header).as_ref());
        if !self.service.is_recording() {
            return self.service.span("", SpanKind::Server, &caller, Vec::new());
        }
        let (method, path) = (request.method().as_str(), request.uri().path());
        let attributes = vec![names::http_method(method), names::http_route(route), names::url_path(path)];
        self.service.span(names::http_server(method, Some(route)), SpanKind::Server, &caller, attributes)
    }
}

/// A request, until it is answered.
pub(super) struct Exchange<'a> {
    pub(super) route: &'static str,
    pub(super) began: SystemTime,
    /// Whether its method may change something.
    pub(super) writes: bool,
    span: Span,
    in_flight: InFlight<'a>,
}

impl Exchange<'_> {
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Replaces the caller's trace context by this span's, so that what the component stores continues from here.
    pub(super) fn continue_trace(&self, headers: &mut HeaderMap) {
        if !self.span.is_recording() {
            return;
        }
        let Some(trace) = self.span.trace_context() else { return };
        if let Ok(traceparent) = HeaderValue::from_str(&trace.traceparent) {
            headers.insert("traceparent", traceparent);
            headers.remove("tracestate");
        }
        if let Some(Ok(tracestate)) = trace.tracestate.as_deref().map(HeaderValue::from_str) {
            headers.insert("tracestate", tracestate);
        }
    }

    pub(super) fn end(self, status: StatusCode) {
        self.span.set_attribute(names::http_status(status.as_u16()));
        if status.is_server_error() {
            self.span.set_attribute(names::error_type(status.as_str().to_owned()));
            self.span.set_error(status.canonical_reason().unwrap_or("server error"));
        }
        self.in_flight.answered(status);
    }
}
