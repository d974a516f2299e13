//! Answers.

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// An answer, whose body is held in memory.
pub type Response = http::Response<Bytes>;

/// An answer whose body is this value as JSON.
pub fn json(status: StatusCode, value: &impl Serialize) -> Response {
    serialized(status, "application/json", value)
}

/// An answer whose body is this value as JSON, under another media type.
pub fn serialized(status: StatusCode, media_type: &'static str, value: &impl Serialize) -> Response {
    // Our types have string keys and no fallible implementation, so serializing them cannot fail.
    let body = serde_json::to_vec(value).expect("an answer is serializable");
    with_body(status, media_type, body)
}

/// An answer with this body.
pub fn with_body(status: StatusCode, media_type: &'static str, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

/// An answer that says no more than its status.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// A page with its style inside. Its policy forbids everything else, so injected content would not run.
pub fn page(html: impl Into<Bytes>) -> Response {
    let mut response = with_body(StatusCode::OK, "text/html; charset=utf-8", html);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Response;

    /// The body of a response.
    pub(crate) fn text_of(response: Response) -> String {
        String::from_utf8(response.into_body().into()).unwrap()
    }
}
