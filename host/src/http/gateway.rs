use std::collections::BTreeSet;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::json;
use tower_http::cors::{AllowOrigin, CorsLayer};
use wasmtime_wasi_http::WasiBody;

use super::trace::REQUEST_ID;
use super::{ComponentService, RequestBody};
use crate::answers::{answer, problem};
use crate::console::Console;
use crate::endpoints::{Endpoint, endpoints};
use crate::settings::{ComponentName, Origins};

/// The host's own gateway: one address for both services, with the routes that Kong has in `gateway/`.
pub struct Gateway {
    orders: ComponentService,
    invoices: ComponentService,
    console: Option<Console>,
}

impl Gateway {
    /// A gateway before both services, and the console if there is one.
    pub fn new(orders: ComponentService, invoices: ComponentService, console: Option<Console>) -> Self {
        Self { orders, invoices, console }
    }

    /// Answers one request by the service that its path belongs to. The path is passed on as it is.
    pub async fn handle(&self, request: Request<RequestBody>) -> Response<WasiBody> {
        if let Some(console) = self.console.as_ref().filter(|_| Console::has(request.uri().path())) {
            return console.handle(request).await;
        }
        if request.uri().path() == "/" && matches!(*request.method(), Method::GET | Method::HEAD) {
            return self.index(request.headers());
        }
        match service_of(request.uri().path()) {
            Some(ComponentName::Orders) => self.orders.handle(request).await,
            Some(ComponentName::Invoices) => self.invoices.handle(request).await,
            None => problem(
                StatusCode::NOT_FOUND,
                "The gateway has no such route. `/` lists those that there are; `/docs/orders` and `/docs/invoices` describe them.",
            ),
        }
    }
}

impl Gateway {
    /// What there is at this address: for a browser the console, for a program the paths.
    fn index(&self, headers: &HeaderMap) -> Response<WasiBody> {
        let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let mut response = if self.console.is_some() && accepted.any(|value| value.contains("text/html")) {
            let mut response = answer(StatusCode::SEE_OTHER, "text/plain", "", &[]);
            response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/console"));
            response
        } else {
            let resources: BTreeSet<_> =
                routed().map(|endpoint| format!("/{}", endpoint.resource())).collect();
            let index = json!({
                "name": "Waybill",
                "version": env!("CARGO_PKG_VERSION"),
                "resources": resources,
                "documentation": ["/docs/orders", "/docs/invoices"],
                "openapi": ["/openapi/orders.json", "/openapi/invoices.json"],
                "console": self.console.as_ref().map(|_| "/console"),
            });
            answer(StatusCode::OK, "application/json", index.to_string(), &[])
        };
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
        response
    }
}

/// The endpoints that the gateway has routes of. Those with a token of their own are internal.
fn routed() -> impl Iterator<Item = &'static Endpoint> {
    endpoints().iter().filter(|endpoint| endpoint.scope().is_some())
}

/// The service that a path belongs to; `None` if the gateway has no route.
pub fn service_of(path: &str) -> Option<ComponentName> {
    let mut segments = path.split('/').skip(1);
    match (segments.next()?, segments.next()) {
        ("docs", Some("invoices")) | ("openapi", Some("invoices.json")) => Some(ComponentName::Invoices),
        ("docs" | "openapi" | "openapi.json", _) => Some(ComponentName::Orders),
        (resource, _) => Some(routed().find(|endpoint| endpoint.resource() == resource)?.service),
    }
}

/// Headers that pages of other origins may send. Kong has the same.
pub static ALLOWED_HEADERS: [HeaderName; 8] = [
    header::ACCEPT,
    header::AUTHORIZATION,
    header::CONTENT_TYPE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("x-api-key"),
    REQUEST_ID,
];

/// Headers of answers that pages of other origins may read, beside those that they always may. Kong has the same, and is the one that
/// says what is left of the rate: a page works behind both.
pub static EXPOSED_HEADERS: [HeaderName; 10] = [
    header::CONTENT_DISPOSITION,
    header::CONTENT_LANGUAGE,
    header::LOCATION,
    header::RETRY_AFTER,
    header::WWW_AUTHENTICATE,
    HeaderName::from_static("idempotency-replayed"),
    REQUEST_ID,
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// Cross-origin access for pages of these origins; `None` without origins, and then no answer has a header of CORS. There are
/// no cookies to protect, so credentials are not allowed.
pub fn cors(origins: &Origins) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let layer = CorsLayer::new()
        .allow_origin(AllowOrigin::list(origins.iter().cloned()))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers(ALLOWED_HEADERS.clone())
        .expose_headers(EXPOSED_HEADERS.clone())
        .max_age(Duration::from_hours(1));
    Some(layer)
}
