//! Pages that this program makes itself: the console and the traces. They need nothing from elsewhere, and say so to browsers.

use askama::Template;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;

use crate::body::whole;
use crate::http::problem;

/// Nothing but our own style and script, and forms that come back here.
pub const CONSOLE_SECURITY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A page that carries customers' data is kept by nobody.
const NO_STORE: &str = "no-store";

/// A page of this program's.
pub fn html(status: StatusCode, template: &impl Template, security: &'static str) -> Response<WasiBody> {
    match template.render() {
        Ok(text) => answer(
            status,
            "text/html; charset=utf-8",
            text,
            &[
                (header::CACHE_CONTROL, NO_STORE),
                (header::CONTENT_SECURITY_POLICY, security),
                (header::REFERRER_POLICY, "same-origin"),
            ],
        ),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            problem(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made.")
        }
    }
}

/// Any text, with these headers.
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
