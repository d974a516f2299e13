//! Answers that the host makes itself, where no component gives one.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use wasmtime_wasi_http::WasiBody;
use waybill_contracts::ProblemKind;

/// A body that is complete.
pub fn whole(body: impl Into<Bytes>) -> WasiBody {
    Full::new(body.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A text with these headers.
pub fn answer(
    status: StatusCode,
    media_type: &'static str,
    text: impl Into<Bytes>,
    headers: &[(HeaderName, &'static str)],
) -> Response<WasiBody> {
    let mut response = Response::new(whole(text));
    *response.status_mut() = status;
    let map = response.headers_mut();
    map.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    map.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in headers {
        map.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The answer to a method other than GET and HEAD, where there is no other.
pub fn read_only(detail: &str) -> Response<WasiBody> {
    let mut refusal = problem(StatusCode::METHOD_NOT_ALLOWED, detail);
    refusal.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    refusal
}

/// A problem document (RFC 9457). `detail` is one sentence for a person.
pub fn problem(status: StatusCode, detail: &str) -> Response<WasiBody> {
    let mut document = serde_json::json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
    });
    if let Some(kind) = ProblemKind::of(status.as_u16()) {
        document["help"] = kind.help().into();
    }
    let mut response = Response::new(whole(document.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
