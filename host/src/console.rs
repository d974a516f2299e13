//! The console: what an operator looks at, and the few things that can be done there. It is part of the gateway of `waybill up`.
//!
//! Pages are made here, from templates in `host/templates`, and work without a script; `console.js` keeps them up to date. Orders
//! and invoices are read and written through the services' own interfaces, with the API key of whoever has signed in, so that
//! nobody can do here what could not be done there.

mod api;
mod assets;
mod dead_letters;
mod invoices;
mod live;
mod order;
mod orders;
mod overview;
mod page;
mod samples;
mod session;
mod set_aside;
pub(crate) mod show;
mod sign_in;

use std::sync::Arc;

pub use assets::shared;
use http::{Method, Request, Response, StatusCode, header};
use hyper::body::Incoming;
use page::{Visit, notice};
use samples::Samples;
use session::Sessions;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wasmtime_wasi_http::WasiBody;
use waybill_broker::Broker;
use waybill_relay::{RelayStatus, Waker};

use crate::depths::DepthWatch;
use crate::health::Health;
use crate::http::{Role, refuse_foreign_pages};
use crate::journal::Journal;
use crate::traces_ui::TraceLinks;

/// Where the console is on its gateway.
pub const PATH: &str = "/console";

/// What the console shows, and what it acts on.
pub struct Parts {
    /// The orders service.
    pub orders: Role,
    /// The invoices service.
    pub invoices: Role,
    /// The lives of orders.
    pub journal: Journal,
    /// What waits where.
    pub depths: DepthWatch,
    /// RabbitMQ, where events go over it.
    pub broker: Option<Broker>,
    /// The relay, and what wakes it.
    pub relay: (RelayStatus, Waker),
    /// How the process is doing.
    pub health: Health,
    /// Where traces are looked at.
    pub traces: TraceLinks,
    /// Whether whoever calls needs an API key.
    pub asks_for_keys: bool,
    /// When to let go of those who watch.
    pub stop: CancellationToken,
}

/// The console. Cheap to clone.
#[derive(Clone)]
pub struct Console(Arc<Inner>);

struct Inner {
    parts: Parts,
    samples: Samples,
    sessions: Sessions,
    /// Places for those who watch.
    watchers: Arc<Semaphore>,
    /// One walk through the dead letters at a time: each hides them from the others.
    walking: Mutex<()>,
}

impl Console {
    /// A console over `parts`; the future takes samples for its charts until they stop.
    pub fn new(parts: Parts) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let samples = Samples::default();
        let sampling = samples.clone().take(parts.depths.clone(), parts.stop.clone());
        let watchers = Arc::new(Semaphore::new(live::WATCHERS));
        let console =
            Inner { parts, samples, sessions: Sessions::default(), watchers, walking: Mutex::default() };
        (Self(Arc::new(console)), sampling)
    }

    /// Whether a path is one of the console's.
    pub fn has(path: &str) -> bool {
        path.strip_prefix(PATH).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request<Incoming>) -> Response<WasiBody> {
        // It acts on its cookie, so a key does not show that a request is its user's own; and an origin that may call the services may
        // not act here.
        if let Some(refusal) = refuse_foreign_pages(&request) {
            return refusal;
        }
        let visit = Visit::new(&request, &self.0);
        let path = request.uri().path().strip_prefix(PATH).unwrap_or_default().to_owned();
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let inner = &*self.0;
        match (request.method(), segments.as_slice()) {
            (&Method::GET | &Method::HEAD, segments) => inner.show(&visit, &request, segments).await,
            (&Method::POST, ["orders"]) => orders::place(inner, &visit, request).await,
            (&Method::POST, ["orders", id, step @ ("pay" | "cancel")]) => {
                order::change(inner, &visit, id, step).await
            }
            (&Method::POST, ["dead-letters", "replay"]) => dead_letters::replay(inner, &visit, request).await,
            (&Method::POST, ["dead-letters", "edit"]) => dead_letters::edit(inner, &visit, request).await,
            (&Method::POST, ["set-aside", "retry"]) => set_aside::retry(inner, &visit, request).await,
            (&Method::POST, ["sign-in"]) => sign_in::sign_in(inner, request).await,
            (&Method::POST, ["sign-out"]) => sign_in::sign_out(inner, &request),
            _ => {
                let mut answer = notice(&visit, StatusCode::METHOD_NOT_ALLOWED, "This cannot be done here.");
                answer
                    .headers_mut()
                    .insert(header::ALLOW, header::HeaderValue::from_static("GET, HEAD, POST"));
                answer
            }
        }
    }
}

impl Inner {
    async fn show(&self, visit: &Visit, request: &Request<Incoming>, path: &[&str]) -> Response<WasiBody> {
        let query = request.uri().query().unwrap_or_default();
        let id = |text: &str| Uuid::try_parse(text).ok();
        match path {
            [] => overview::page(self, visit),
            ["part", name] => overview::part(self, name),
            ["events"] => live::events(self),
            ["assets", name] => assets::asset(name),
            ["orders"] => orders::page(self, visit, query).await,
            ["orders", text] if let Some(order) = id(text) => order::page(self, visit, order).await,
            ["orders", text, "life"] if let Some(order) = id(text) => order::life(self, visit, order).await,
            ["invoices"] => invoices::list(self, visit, query).await,
            ["invoices", text] if let Some(invoice) = id(text) => invoices::page(self, visit, invoice).await,
            ["invoices", text, document] if let Some(invoice) = id(text) => {
                invoices::document(self, visit, invoice, document).await
            }
            ["dead-letters"] => dead_letters::list(self, visit, query).await,
            ["dead-letters", "letter"] => dead_letters::letter(self, visit, query).await,
            ["sign-in"] => sign_in::page(visit, StatusCode::OK, None),
            _ => notice(visit, StatusCode::NOT_FOUND, "There is no such page."),
        }
    }
}
