//! Answers.

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

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
pub fn with_body(status: StatusCode, media_type: &'static str, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

#[cfg(test)]
pub(crate) mod tests {
    use axum::response::Response;
    use http_body_util::BodyExt;

    use crate::routes::tests::ready;

    /// The body of a response that is held in memory.
    pub(crate) fn text_of(response: Response) -> String {
        let bytes = ready(response.into_body().collect()).unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }
}
