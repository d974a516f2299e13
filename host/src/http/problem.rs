use http::{HeaderValue, Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;

use crate::body::whole;

/// A problem document (RFC 9457) of the host's own, for what no component could answer. `detail` is one sentence for a
/// person.
pub fn problem(status: StatusCode, detail: &str) -> Response<WasiBody> {
    let title = status.canonical_reason().unwrap_or("Error");
    let document = serde_json::json!({
        "type": "about:blank",
        "title": title,
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = Response::new(whole(document.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}
