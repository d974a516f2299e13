//! The console: pages for operators, on the gateway of `waybill up`.
//!
//! Before sign-in it shows nothing, where a key is required (`rights.rs`).
//!
//! Pages are rendered from templates in `host/templates` and work without a script; `console.js` keeps them up to date. The console
//! reads and writes orders and invoices through the services, with the API key of the session, so that it has no rights of its own.

mod api;
mod build_banner;
mod builds;
mod dead_letters;
mod form;
mod invoices;
mod live;
mod order;
mod orders;
mod overview;
mod page;
mod parked_events;
mod rights;
mod samples;
mod session;
mod settings;
mod shared;
mod sign_in;
mod walks;

use std::sync::Arc;

use http::{Method, Request, Response, StatusCode, header};
use page::{Visit, notice};
use rights::Rights;
pub use shared::System;
use shared::{PATH, Shared};
use uuid::Uuid;
use wasmtime_wasi_http::WasiBody;

use crate::http::{RequestBody, refuse_foreign_pages};
use crate::pages::asset;

/// The console. Cheap to clone.
#[derive(Clone)]
pub struct Console(Arc<Shared>);

impl Console {
    /// The console of `system`. The future takes samples for its charts until the system stops.
    pub fn new(system: System) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let shared = Arc::new(Shared::new(system));
        let sampling = shared.samples.clone().take(shared.system.depths.clone(), shared.system.stop.clone());
        (Self(shared), sampling)
    }

    /// Whether a path belongs to the console.
    pub fn has(path: &str) -> bool {
        path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    pub async fn handle(&self, request: Request<RequestBody>) -> Response<WasiBody> {
        // The session is a cookie, which a browser sends for pages of other origins too. Even an origin that may call the services may
        // not act here.
        if let Some(refusal) = refuse_foreign_pages(&request) {
            return refusal;
        }
        let visit = Visit::new(request.uri(), request.headers(), &self.0).await;
        let path = request.uri().path().strip_prefix(PATH).unwrap_or_default().to_owned();
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let shared = &*self.0;
        if let Some(refusal) = refusal(&visit, request.method(), &segments) {
            return refusal;
        }
        match (request.method(), segments.as_slice()) {
            (&Method::GET | &Method::HEAD, segments) => show(shared, &visit, &request, segments).await,
            (&Method::POST, ["orders"]) => orders::place(shared, &visit, request).await,
            (&Method::POST, ["orders", id, step @ ("pay" | "cancel")]) => {
                order::change(shared, &visit, id, step).await
            }
            (&Method::POST, ["dead-letters", "replay"]) => {
                dead_letters::replay(shared, &visit, request).await
            }
            (&Method::POST, ["dead-letters", "edit"]) => dead_letters::edit(shared, &visit, request).await,
            (&Method::POST, ["settings", id]) => {
                let query = request.uri().query().unwrap_or_default().to_owned();
                settings::save(shared, &visit, id, &query, request).await
            }
            (&Method::POST, ["parked-events", "retry"]) => {
                parked_events::retry(shared, &visit, request).await
            }
            (&Method::POST, ["sign-in"]) => sign_in::sign_in(shared, &visit, request).await,
            (&Method::POST, ["sign-out"]) => sign_in::sign_out(shared, &request),
            _ => {
                let mut answer =
                    notice(&visit, StatusCode::METHOD_NOT_ALLOWED, "This page does not support the method.");
                answer
                    .headers_mut()
                    .insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD, POST"));
                answer
            }
        }
    }
}

/// The answer to a visitor who may not see this page or act here. What is needed for the sign-in is open, all else needs a valid key,
/// and what shows orders needs one that may read them; the services check the rest.
fn refusal(visit: &Visit, method: &Method, path: &[&str]) -> Option<Response<WasiBody>> {
    if matches!(path, ["assets", _] | ["sign-in" | "sign-out"]) {
        return None;
    }
    match visit.rights {
        Rights::Orders => None,
        Rights::Nothing if path.is_empty() => Some(sign_in::page(visit, StatusCode::OK, None)),
        Rights::Nothing => {
            let text = "This needs an API key. Sign in first.";
            Some(notice(visit, StatusCode::UNAUTHORIZED, text))
        }
        Rights::Unknown => Some(notice(visit, StatusCode::SERVICE_UNAVAILABLE, sign_in::UNCHECKED)),
        Rights::State => {
            let shows_orders = matches!(path, ["part", "latest"] | ["orders" | "dead-letters", ..]);
            let text =
                "This needs the scope orders:read, which your API key lacks or which cannot be checked now.";
            (shows_orders && method != Method::POST).then(|| notice(visit, StatusCode::FORBIDDEN, text))
        }
    }
}

async fn show(
    shared: &Shared,
    visit: &Visit,
    request: &Request<RequestBody>,
    path: &[&str],
) -> Response<WasiBody> {
    let query = request.uri().query().unwrap_or_default();
    let id = |text: &str| Uuid::try_parse(text).ok();
    match path {
        [] => overview::page(shared, visit),
        ["part", "build"] => builds::banner(shared),
        ["part", "build-page"] => builds::part(shared),
        ["part", name] => overview::part(shared, name),
        ["build"] => builds::page(shared, visit),
        ["events"] => live::events(shared, visit),
        ["assets", name] => asset(name),
        ["orders"] => orders::page(shared, visit, query).await,
        ["orders", text] if let Some(order) = id(text) => order::page(shared, visit, order).await,
        ["orders", text, "timeline"] if let Some(order) = id(text) => {
            order::timeline_part(shared, visit, order).await
        }
        ["invoices"] => invoices::list(shared, visit, query).await,
        ["invoices", text] if let Some(invoice) = id(text) => invoices::page(shared, visit, invoice).await,
        ["invoices", text, document] if let Some(invoice) = id(text) => {
            invoices::document(shared, visit, invoice, document).await
        }
        ["dead-letters"] => dead_letters::list(shared, visit, query).await,
        ["dead-letters", "letter"] => dead_letters::letter(shared, visit, query).await,
        ["settings"] => settings::page(shared, visit, query).await,
        ["sign-in"] => sign_in::page(visit, StatusCode::OK, None),
        _ => notice(visit, StatusCode::NOT_FOUND, "There is no such page."),
    }
}
