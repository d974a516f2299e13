use std::time::SystemTime;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use waybill_telemetry::{Service, Span, SpanKind, TraceContext, names, parent_of};

use crate::endpoints::route;
use crate::metrics::{InFlight, Requests, requests};

/// The header by which a request is known on its way: the caller's, or one that its gateway makes.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest request identifier that is recorded, in bytes; a UUID has 36. A caller may choose it.
const REQUEST_ID_BYTES: usize = 128;

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

    /// Counts a request that has arrived.
    pub(super) fn receive<B>(&self, request: &Request<B>) -> Arrival<'_> {
        let route = route(request.uri().path());
        let in_flight = self.requests.begin(request.method(), route);
        Arrival { route, in_flight, began: SystemTime::now(), service: &self.service }
    }
}

/// A request whose caller is being checked.
pub(super) struct Arrival<'a> {
    route: &'static str,
    began: SystemTime,
    service: &'a Service,
    in_flight: InFlight<'a>,
}

impl<'a> Arrival<'a> {
    /// Begins the request's span. It is part of the trace that the request names if `continues_trace` is true.
    pub(super) fn begin<B>(self, request: &Request<B>, continues_trace: bool) -> Exchange<'a> {
        Exchange {
            route: self.route,
            span: self.span(request, continues_trace),
            began: self.began,
            method: request.method().clone(),
            request_id: request.headers().get(REQUEST_ID).cloned(),
            in_flight: self.in_flight,
        }
    }

    fn span<B>(&self, request: &Request<B>, continues_trace: bool) -> Span {
        let route = self.route;
        let header = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let caller = if continues_trace { TraceContext::from_headers(header) } else { None };
        let caller = parent_of(caller.as_ref());
        if !self.service.is_recording() {
            return self.service.span("", SpanKind::Server, &caller, Vec::new());
        }
        let (method, path) = (request.method().as_str(), request.uri().path());
        let mut attributes =
            vec![names::http_method(method), names::http_route(route), names::url_path(path)];
        let request_id = request.headers().get(REQUEST_ID).and_then(recordable);
        attributes.extend(request_id.map(|id| names::http_request_id(id.to_owned())));
        let name = names::http_server(method, Some(route));
        self.service.span_since(self.began, name, SpanKind::Server, &caller, attributes)
    }
}

/// A request identifier as it is recorded; `None` if it is too long or would have to be escaped in a line of a log.
fn recordable(id: &HeaderValue) -> Option<&str> {
    let is_short = (1..=REQUEST_ID_BYTES).contains(&id.len());
    let id = id.to_str().ok().filter(|_| is_short)?;
    id.bytes().all(|byte| byte.is_ascii_graphic()).then_some(id)
}

/// A request, until it is answered.
pub(super) struct Exchange<'a> {
    pub(super) route: &'static str,
    pub(super) began: SystemTime,
    method: Method,
    request_id: Option<HeaderValue>,
    span: Span,
    in_flight: InFlight<'a>,
}

impl Exchange<'_> {
    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    /// Whether its method may change something.
    pub(super) fn writes(&self) -> bool {
        !self.method.is_safe()
    }

    /// The identifier by which its gateway and its caller know it.
    pub(super) fn request_id(&self) -> Option<&str> {
        self.request_id.as_ref().and_then(recordable)
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
        let (request_id, method, route) = (self.request_id(), &self.method, self.route);
        // While a database is unavailable every request is a 503, and the log says once that it is.
        if status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE {
            tracing::warn!(request_id, %method, route, "a request was answered {status}");
        } else {
            tracing::debug!(request_id, %method, route, "a request was answered {status}");
        }
        self.span.set_attribute(names::http_status(status.as_u16()));
        if status.is_server_error() {
            self.span.set_attribute(names::error_type(status.as_str().to_owned()));
            self.span.set_error(status.canonical_reason().unwrap_or("server error"));
        }
        self.in_flight.answered(status);
    }
}
