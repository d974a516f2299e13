//! What the pages of the console and of the traces share: how they are rendered, their style, and how values are written.

mod assets;
mod format;

use askama::Template;
pub use assets::asset;
pub use format::{Moment, duration, minor_units, moment, money, price};
use http::{Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;

use crate::answers::{answer, problem};

/// Renders a page. `security` is its Content-Security-Policy. No cache keeps it, since it may show customers' data.
pub fn html(status: StatusCode, template: &impl Template, security: &'static str) -> Response<WasiBody> {
    match template.render() {
        Ok(text) => answer(
            status,
            "text/html; charset=utf-8",
            text,
            &[
                (header::CACHE_CONTROL, "no-store"),
                (header::CONTENT_SECURITY_POLICY, security),
                (header::REFERRER_POLICY, "same-origin"),
            ],
        ),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            problem(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be rendered.")
        }
    }
}

/// The first parameter of this name in a query or a form, decoded.
pub fn parameter(query: &str, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}
