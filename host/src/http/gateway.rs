use std::time::Duration;

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use tower_http::cors::{AllowOrigin, CorsLayer, ExposeHeaders};
use wasmtime_wasi_http::WasiBody;

use super::{Role, problem};

/// The host's own gateway: one address for both services, with the routes that Kong has in `gateway/`.
#[derive(Clone)]
pub struct Gateway {
    orders: Role,
    invoices: Role,
}

impl Gateway {
    /// A gateway before both services.
    pub fn new(orders: Role, invoices: Role) -> Self {
        Self { orders, invoices }
    }

    /// Answers one request by the service that its path belongs to. The path is passed on as it is.
    pub async fn handle(&self, request: Request<Incoming>) -> Response<WasiBody> {
        let mut segments = request.uri().path().split('/').skip(1);
        match (segments.next(), segments.next()) {
            (Some("invoices" | "credit-notes" | "webhook-endpoints"), _)
            | (Some("docs"), Some("invoices"))
            | (Some("openapi"), Some("invoices.json")) => self.invoices.handle(request).await,
            (Some("orders" | "customers" | "docs" | "openapi" | "openapi.json"), _) => {
                self.orders.handle(request).await
            }
            _ => problem(
                StatusCode::NOT_FOUND,
                "The gateway has no such route; it serves /orders, /customers, /invoices, /credit-notes, /webhook-endpoints and /docs.",
            ),
        }
    }
}

/// Cross-origin access for browsers: open to every origin, as the replaced gateway was, unless origins are named. There
/// are no cookies to protect, so credentials are not allowed.
pub fn cors(origins: &[HeaderValue]) -> CorsLayer {
    let origins =
        if origins.is_empty() { AllowOrigin::any() } else { AllowOrigin::list(origins.iter().cloned()) };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::HeaderName::from_static("idempotency-key"),
            header::HeaderName::from_static("traceparent"),
            header::HeaderName::from_static("tracestate"),
            header::HeaderName::from_static("x-api-key"),
        ])
        .expose_headers(ExposeHeaders::list([
            header::LOCATION,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            header::HeaderName::from_static("idempotency-replayed"),
        ]))
        .max_age(Duration::from_hours(1))
}
