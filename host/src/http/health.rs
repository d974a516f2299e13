use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use wasmtime_wasi_http::WasiBody;

use super::problem;
use crate::health::Health;

/// The path on which every role tells how it is doing.
pub(super) const PATH: &str = "/health";

/// Answers for a role that has no component: `GET /health` is 200 `OK`, or 503 with the reason.
pub fn answer_health(request: &Request<Incoming>, health: &Health) -> Response<WasiBody> {
    if request.uri().path() != PATH {
        return problem(StatusCode::NOT_FOUND, "There is nothing here but /health.");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refusal = problem(StatusCode::METHOD_NOT_ALLOWED, "/health is only read.");
        refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refusal;
    }
    if let Err(reason) = health.now() {
        return problem(StatusCode::SERVICE_UNAVAILABLE, &reason);
    }
    let body = Full::new(Bytes::from_static(b"OK")).map_err(|never| match never {}).boxed_unsync();
    let mut response = Response::new(body);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
