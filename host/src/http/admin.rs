use std::sync::Arc;

use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;
use waybill_telemetry::{PROMETHEUS_TEXT, Telemetry};

use super::RequestBody;
use crate::answers::{problem, read_only, whole};
use crate::health::Health;

/// Health, on every service and every admin address.
pub(super) const HEALTH: &str = "/health";

/// Every check, on an admin address.
pub const READY: &str = "/readyz";

/// Answers as long as the process runs, on an admin address.
pub const LIVE: &str = "/livez";

const PLAIN: &str = "text/plain; charset=utf-8";

/// The admin address of a process.
#[derive(Clone)]
pub struct Admin {
    /// `GET /health`: 200 `OK`, or 503 with the first reason. `GET /readyz`: the same with the result of every check.
    pub health: Health,
    /// `GET /metrics`: the text format of Prometheus.
    pub telemetry: Arc<Telemetry>,
}

impl Admin {
    pub fn answer(&self, request: &Request<RequestBody>) -> Response<WasiBody> {
        let path = request.uri().path();
        if !matches!(path, HEALTH | READY | LIVE | "/metrics") {
            return problem(
                StatusCode::NOT_FOUND,
                "This address serves /livez, /readyz, /health and /metrics only.",
            );
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return read_only("This address is read-only.");
        }
        match path {
            "/metrics" => text(StatusCode::OK, PROMETHEUS_TEXT, self.telemetry.metrics()),
            READY => {
                let report = self.health.report();
                let status = if report.is_good() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
                text(status, PLAIN, report.to_string())
            }
            // The answer itself shows that the runtime works.
            LIVE => text(StatusCode::OK, PLAIN, "alive\n".to_owned()),
            _ => match self.health.now() {
                Ok(()) => text(StatusCode::OK, PLAIN, "OK".to_owned()),
                Err(reason) => problem(StatusCode::SERVICE_UNAVAILABLE, &reason),
            },
        }
    }
}

fn text(status: StatusCode, media_type: &'static str, body: String) -> Response<WasiBody> {
    let mut response = Response::new(whole(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}
