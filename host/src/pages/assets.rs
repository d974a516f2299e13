use http::{Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;

use crate::answers::{answer, problem};

/// The style of the pages, after what it shares with all of Waybill's.
const STYLE: &str = concat!(include_str!("../../../design/tokens.css"), include_str!("assets/console.css"));

/// Style, icon and script. They change with this program, so a browser asks each time whether it still has the right ones.
const ASSETS: [(&str, &str, &str); 3] = [
    ("console.css", "text/css; charset=utf-8", STYLE),
    ("icon.svg", "image/svg+xml", include_str!("../../../design/icon.svg")),
    ("console.js", "text/javascript; charset=utf-8", include_str!("assets/console.js")),
];

/// Answers with the asset of this name, or 404.
pub fn asset(name: &str) -> Response<WasiBody> {
    match ASSETS.iter().find(|(known, ..)| *known == name) {
        Some((_, media_type, text)) => {
            answer(StatusCode::OK, media_type, *text, &[(header::CACHE_CONTROL, "no-cache")])
        }
        None => problem(StatusCode::NOT_FOUND, "There is no such asset."),
    }
}
