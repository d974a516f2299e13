use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use wasmtime_wasi_http::WasiBody;

use super::problem;
use crate::{health::Health, metrics::Metrics};

/// The path on which every service and every admin address tells how it is doing.
pub(super) const HEALTH: &str = "/health";

/// What the admin address of a process answers.
#[derive(Clone)]
pub struct Admin {
    /// `GET /health`: 200 `OK`, or 503 with the reason.
    pub health: Health,
    /// `GET /metrics`: the text format of Prometheus.
    pub metrics: Metrics,
}

impl Admin {
    /// Answers one request.
    pub fn answer(&self, request: &Request<Incoming>) -> Response<WasiBody> {
        let path = request.uri().path();
        if !matches!(path, HEALTH | "/metrics") {
            return problem(StatusCode::NOT_FOUND, "There is nothing here but /health and /metrics.");
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut refusal = problem(StatusCode::METHOD_NOT_ALLOWED, "This is only read.");
            refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return refusal;
        }
        if path != HEALTH {
            let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            return text(media_type, self.metrics.encode());
        }
        match self.health.now() {
            Ok(()) => text("text/plain; charset=utf-8", "OK".to_owned()),
            Err(reason) => problem(StatusCode::SERVICE_UNAVAILABLE, &reason),
        }
    }
}

fn text(media_type: &'static str, body: String) -> Response<WasiBody> {
    let body = Full::new(Bytes::from(body)).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
