//! The builds of `waybill dev`: a page with what the last one printed, and the banner of all pages.

use askama::Template;
use http::{Response, StatusCode};
use wasmtime_wasi_http::WasiBody;

use super::build_banner::Banner;
use super::page::{Visit, notice, render};
use super::shared::Shared;
use crate::answers::problem;

#[derive(Template)]
#[template(path = "build_banner.html")]
struct BannerPart {
    build: Banner,
}

#[derive(Template)]
#[template(path = "build_parts.html")]
struct PagePart {
    build: Banner,
}

#[derive(Template)]
#[template(path = "build.html")]
struct Page<'a> {
    visit: &'a Visit,
    state: Banner,
}

/// The banner, for `console.js`.
pub(super) fn banner(console: &Shared) -> Response<WasiBody> {
    part_of(console, |build| render(&BannerPart { build }))
}

/// The content of the page, for `console.js`.
pub(super) fn part(console: &Shared) -> Response<WasiBody> {
    part_of(console, |build| render(&PagePart { build }))
}

fn part_of(console: &Shared, part: impl FnOnce(Banner) -> Response<WasiBody>) -> Response<WasiBody> {
    Banner::of(console)
        .map_or_else(|| problem(StatusCode::NOT_FOUND, "This process builds no components."), part)
}

/// The page of the last build.
pub(super) fn page(console: &Shared, visit: &Visit) -> Response<WasiBody> {
    match Banner::of(console) {
        Some(state) => render(&Page { visit, state }),
        None => notice(visit, StatusCode::NOT_FOUND, "There is no such page."),
    }
}
