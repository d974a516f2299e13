use http::{Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;

use crate::http::problem;
use crate::pages::answer;

/// What pages are made to look like, and what keeps them up to date. They go with this program, so a browser asks each time whether
/// it still has the right ones.
const ASSETS: [(&str, &str, &str); 3] = [
    ("console.css", "text/css; charset=utf-8", include_str!("console.css")),
    ("icon.svg", "image/svg+xml", include_str!("icon.svg")),
    ("console.js", "text/javascript; charset=utf-8", include_str!("console.js")),
];

/// One of them.
pub(super) fn asset(name: &str) -> Response<WasiBody> {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, media_type, text)) => {
            answer(StatusCode::OK, media_type, *text, &[(header::CACHE_CONTROL, "no-cache")])
        }
        None => problem(StatusCode::NOT_FOUND, "There is no such asset."),
    }
}

/// The style and the icon, which the pages of traces share.
pub fn shared(name: &str) -> Response<WasiBody> {
    asset(name)
}
