use askama::Template;
use http::{HeaderValue, Request, Response, StatusCode, header};
use wasmtime_wasi_http::WasiBody;

use super::form::form;
use super::page::{Visit, go_to, notice, render_as, with_header};
use super::rights::Rights;
use super::shared::{PATH, Shared};
use crate::http::RequestBody;
use crate::pages::parameter;

pub(super) const UNCHECKED: &str =
    "No API key can be checked now, because a database is unavailable. Try again in a moment.";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'a> {
    visit: &'a Visit,
    fault: Option<&'a str>,
}

pub(super) fn page(visit: &Visit, status: StatusCode, fault: Option<&str>) -> Response<WasiBody> {
    render_as(status, &Page { visit, fault })
}

/// Begins a session with a key of either service.
pub(super) async fn sign_in(
    console: &Shared,
    visit: &Visit,
    request: Request<RequestBody>,
) -> Response<WasiBody> {
    let key = match form(visit, request).await {
        Ok(fields) => parameter(&fields, "key").unwrap_or_default(),
        Err(refusal) => return refusal,
    };
    let Ok(key) = HeaderValue::try_from(key.trim()) else {
        return page(visit, StatusCode::UNPROCESSABLE_ENTITY, Some("This is not an API key."));
    };
    match Rights::of(console.access(), &key).await {
        Rights::State | Rights::Orders => match console.sessions.begin(key) {
            Some(cookie) => with_header(go_to(PATH), header::SET_COOKIE, cookie),
            None => notice(visit, StatusCode::INTERNAL_SERVER_ERROR, "The session could not be started."),
        },
        Rights::Unknown => page(visit, StatusCode::SERVICE_UNAVAILABLE, Some(UNCHECKED)),
        Rights::Nothing => {
            page(visit, StatusCode::UNAUTHORIZED, Some("This API key is mistyped, expired, or revoked."))
        }
    }
}

/// Ends the session.
pub(super) fn sign_out(console: &Shared, request: &Request<RequestBody>) -> Response<WasiBody> {
    let cookie = console.sessions.end(request.headers());
    with_header(go_to(PATH), header::SET_COOKIE, cookie)
}
