use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;
use uuid::Uuid;
use wasmtime_wasi_http::WasiBody;
use waybill_relay::Waker;
use waybill_telemetry::{Service, Span, SpanKind, TraceContext, TraceContextExt as _, TraceId, names};

use super::{admin, problem};
use crate::access::Access;
use crate::endpoints::route;
use crate::health::Health;
use crate::journal::Journal;
use crate::metrics::{InFlight, Requests, requests};
use crate::runtime::{HttpError, HttpService};

/// The largest body that is taken in, in bytes: the components' own limit.
const BODY_LIMIT_BYTES: usize = 64 << 10;

/// The time that a body may take to arrive. It is read before an instance is occupied, so a slow sender costs a
/// connection and nothing else.
const BODY_TIME: Duration = Duration::from_secs(10);

/// How long and how far a body that was refused is still read.
const POUR_TIME: Duration = Duration::from_secs(1);
const POUR_LIMIT_BYTES: usize = 1 << 20;

/// One component as an HTTP service: bounds, spans, and the way in and out.
#[derive(Clone)]
pub struct Role {
    name: &'static str,
    component: HttpService,
    service: Service,
    health: Health,
    access: Access,
    requests: Requests,
    asks_for_keys: bool,
    relay: Option<Waker>,
    journal: Option<Journal>,
}

impl Role {
    /// Serves `component`, which is known as `name`, to everybody.
    pub fn new(name: &'static str, component: HttpService, service: Service, access: Access) -> Self {
        Self {
            name,
            component,
            service,
            health: Health::new(),
            access,
            requests: requests(name),
            asks_for_keys: false,
            relay: None,
            journal: None,
        }
    }

    /// Serves only those who have a key, where `asks` is true. One service may do so on one address and not on another.
    #[must_use]
    pub fn asking_for_keys(self, asks: bool) -> Self {
        Self { asks_for_keys: asks, ..self }
    }

    /// Who has a key.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Wakes this relay after each request that may have written to the outbox.
    #[must_use]
    pub fn waking(self, relay: Waker) -> Self {
        Self { relay: Some(relay), ..self }
    }

    /// Notes the orders that are placed.
    #[must_use]
    pub fn noting(self, journal: Journal) -> Self {
        Self { journal: Some(journal), ..self }
    }

    /// Answers `/health` only from the component when all of this is well too.
    #[must_use]
    pub fn with_health(self, health: Health) -> Self {
        Self { health, ..self }
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request<Incoming>) -> Response<WasiBody> {
        let exchange = self.begin(&request);
        let response = match self.unwell(&request) {
            Some(refusal) => refusal,
            None => match self.let_in(request, &exchange.span).await {
                Ok(request) => {
                    let response = self.serve(request, &exchange.span).await;
                    self.note(&exchange, &response);
                    response
                }
                Err(refusal) => refusal,
            },
        };
        exchange.end(response.status());
        response
    }

    /// Answers a request of this process's own, whose key is checked where `check` says so.
    pub async fn ask(&self, mut request: Request<Bytes>, check: bool) -> Response<WasiBody> {
        let mut caller = None;
        if check {
            let (method, path) = (request.method(), request.uri().path());
            caller = match self.access.check(method, path, request.headers()).await {
                Ok(caller) => caller,
                Err(refusal) => return refusal.answer(),
            };
        }
        let exchange = self.begin(&request);
        let path = request.uri().path().to_owned();
        Access::hand_over(request.headers_mut(), &path, caller.as_ref());
        let response = self.call_component(request, &exchange.span).await;
        self.note(&exchange, &response);
        exchange.end(response.status());
        response
    }

    fn begin<B>(&self, request: &Request<B>) -> Exchange<'_> {
        let route = route(request.uri().path());
        Exchange {
            route,
            in_flight: self.requests.begin(request.method(), route),
            span: self.span(request, route),
            began: SystemTime::now(),
            writes: !request.method().is_safe(),
        }
    }

    /// Has others know that something may have been written.
    fn note(&self, exchange: &Exchange<'_>, response: &Response<WasiBody>) {
        if !exchange.writes {
            return;
        }
        if let Some(relay) = &self.relay {
            relay.wake();
        }
        // The answer to a request that came again tells of an order that was there already.
        let placed = exchange.route == "/orders"
            && response.status() == StatusCode::CREATED
            && !response.headers().contains_key("idempotency-replayed");
        if let (true, Some(journal)) = (placed, &self.journal) {
            let location =
                response.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
            let order = location.and_then(|path| Uuid::try_parse(path.rsplit('/').next()?).ok());
            if let Some(order) = order {
                let trace = exchange.span.context().span().span_context().trace_id();
                journal.placed(order, exchange.began, (trace != TraceId::INVALID).then_some(trace));
            }
        }
    }

    /// Holds a request against the keys, before anything else of it is read. What comes out has no key any more.
    async fn let_in(
        &self,
        mut request: Request<Incoming>,
        span: &Span,
    ) -> Result<Request<Incoming>, Response<WasiBody>> {
        let mut caller = None;
        if self.asks_for_keys {
            match self.access.check(request.method(), request.uri().path(), request.headers()).await {
                Ok(key) => caller = key,
                Err(refusal) => {
                    // A client that waits for 100 Continue has sent nothing that could be read on.
                    if !request.headers().contains_key(header::EXPECT) {
                        pour_away(request.into_body()).await;
                    }
                    return Err(refusal.answer());
                }
            }
        }
        if let Some(key) = &caller {
            span.set_attribute(names::enduser_id(key.as_str()));
        }
        let path = request.uri().path().to_owned();
        Access::hand_over(request.headers_mut(), &path, caller.as_ref());
        Ok(request)
    }

    async fn serve(&self, request: Request<Incoming>, span: &Span) -> Response<WasiBody> {
        match take_in(request).await {
            Ok(request) => self.call_component(request, span).await,
            Err(refusal) => refusal,
        }
    }

    /// The answer to a question for its health when something is unwell that the component does not know of.
    fn unwell(&self, request: &Request<Incoming>) -> Option<Response<WasiBody>> {
        let asked =
            request.uri().path() == admin::HEALTH && matches!(*request.method(), Method::GET | Method::HEAD);
        let reason = if asked { self.health.now().err()? } else { return None };
        Some(problem(StatusCode::SERVICE_UNAVAILABLE, &reason))
    }

    async fn call_component(&self, mut request: Request<Bytes>, span: &Span) -> Response<WasiBody> {
        if span.is_recording() {
            continue_trace(request.headers_mut(), span);
        }
        match self.component.handle(request, span.context().clone()).await {
            Ok(response) => response,
            Err(HttpError::Busy) => problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "Too many requests are in hand already. Try again in a moment.",
            ),
            Err(HttpError::TimedOut) => problem(
                StatusCode::GATEWAY_TIMEOUT,
                "The service did not answer in time; what was asked for may still take effect.",
            ),
            Err(HttpError::Failed(error)) => {
                tracing::error!(component = self.name, "a request failed: {error:#}");
                problem(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "The service failed while it handled this request.",
                )
            }
        }
    }

    /// The request's span, which continues the caller's trace.
    fn span<B>(&self, request: &Request<B>, route: &'static str) -> Span {
        let header = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let caller = TraceContext::parent_of(TraceContext::from_headers(header).as_ref());
        if !self.service.is_recording() {
            return self.service.span("", SpanKind::Server, &caller, Vec::new());
        }
        let (method, path) = (request.method().as_str(), request.uri().path());
        let attributes = vec![names::http_method(method), names::http_route(route), names::url_path(path)];
        self.service.span(names::http_server(method, Some(route)), SpanKind::Server, &caller, attributes)
    }
}

/// A request and what is known of it until it is answered.
struct Exchange<'a> {
    route: &'static str,
    in_flight: InFlight<'a>,
    span: Span,
    began: SystemTime,
    writes: bool,
}

impl Exchange<'_> {
    fn end(self, status: StatusCode) {
        finish(&self.span, status);
        self.in_flight.answered(status);
    }
}

/// Puts the span in the place of the caller's, so that what the component stores continues from here.
fn continue_trace(headers: &mut HeaderMap, span: &Span) {
    let Some(trace) = span.trace_context() else { return };
    if let Ok(traceparent) = HeaderValue::from_str(&trace.traceparent) {
        headers.insert("traceparent", traceparent);
        headers.remove("tracestate");
    }
    if let Some(Ok(tracestate)) = trace.tracestate.as_deref().map(HeaderValue::from_str) {
        headers.insert("tracestate", tracestate);
    }
}

fn finish(span: &Span, status: StatusCode) {
    span.set_attribute(names::http_status(status.as_u16()));
    if status.is_server_error() {
        span.set_attribute(names::error_type(status.as_str().to_owned()));
        span.set_error(status.canonical_reason().unwrap_or("server error"));
    }
}

/// Makes a request fit for a component: with an authority, without which the instance could not even be called, and with its whole
/// body. What a Host header says is valid, or else the listener has refused it.
async fn take_in(mut request: Request<Incoming>) -> Result<Request<Bytes>, Response<WasiBody>> {
    // HTTP/1.0 knew no Host header.
    if request.uri().authority().is_none() && !request.headers().contains_key(header::HOST) {
        request.headers_mut().insert(header::HOST, HeaderValue::from_static("localhost"));
    }
    read_body(request).await
}

/// Takes the whole body in, within the limits on its size and its time.
async fn read_body(request: Request<Incoming>) -> Result<Request<Bytes>, Response<WasiBody>> {
    let (head, mut body) = request.into_parts();
    if body.is_end_stream() {
        return Ok(Request::from_parts(head, Bytes::new()));
    }
    // A length that is announced need not be waited for.
    let announced = body.size_hint().lower() > BODY_LIMIT_BYTES as u64;
    let collected = async {
        if announced { None } else { Some(Limited::new(&mut body, BODY_LIMIT_BYTES).collect().await) }
    };
    let body = match timeout(BODY_TIME, collected).await {
        Ok(Some(Ok(body))) => body.to_bytes(),
        Ok(Some(Err(error))) if !error.is::<LengthLimitError>() => {
            return Err(problem(StatusCode::BAD_REQUEST, "The body ended before it was complete."));
        }
        Ok(_) => {
            pour_away(body).await;
            let detail = "The body may have at most 64 KiB (65,536 bytes).";
            return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        Err(_) => return Err(problem(StatusCode::REQUEST_TIMEOUT, "The body did not arrive within 10 s.")),
    };
    Ok(Request::from_parts(head, body))
}

/// Reads on for a moment after a refusal: a client that is still sending when the connection is closed never sees the
/// answer.
async fn pour_away(body: Incoming) {
    let _ = timeout(POUR_TIME, Limited::new(body, POUR_LIMIT_BYTES).collect()).await;
}
