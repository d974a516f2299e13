//! The invoices service: makes one invoice of every order, notes its payment, credits it when the order is canceled, and shows
//! invoices and credit notes over HTTP.
//!
//! | Route | Operation |
//! | --- | --- |
//! | `GET /health` | whether the database answers |
//! | `GET /openapi.json`, `GET /docs` | what the service says of itself |
//! | `GET /invoices` | [`list_invoices`] |
//! | `GET /invoices/{id}` | [`show_invoice`], in one of four representations ([`representation`]) |
//! | `GET /credit-notes` | [`list_credit_notes`] |
//! | `GET /credit-notes/{id}` | [`show_credit_note`], likewise |
//! | `POST`, `GET /webhook-endpoints`, `GET`, `DELETE /webhook-endpoints/{id}` | [`webhooks`]: who is told of invoices |
//! | `GET /webhook-endpoints/{id}/deliveries`, `GET …/{eventId}`, `POST …/{eventId}/redeliver` | [`webhooks`]: what was told |
//! | `POST /events` | [`receive_event`]: an event as a `CloudEvent`, for hosts without a broker |
//!
//! Messages reach [`take_in::take_in`] by `wasmcloud:messaging/handler`. However often one is delivered, and to how many
//! instances at once, its order is invoiced once and the numbers have no gap; see [`issue_invoice`].

#![allow(
    clippy::unused_async,
    reason = "axum's handlers are async; most wait for nothing, since a call of a WASI 0.2 capability blocks"
)]

use axum::Router;
use axum::routing::{get, post};
use waybill_service::routes::{Documents, health, with_documents, with_fallbacks};

pub mod cloud_event;
pub mod credit_invoice;
pub mod credit_note;
pub mod events_token;
pub mod invoice;
pub mod issue_invoice;
pub mod list_credit_notes;
pub mod list_invoices;
pub mod note_payment;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
pub mod outcome;
pub mod receive_event;
pub mod representation;
pub mod show_credit_note;
pub mod show_invoice;
pub mod sql;
pub mod take_in;
pub mod taxes;
pub mod webhooks;

#[cfg(target_family = "wasm")]
mod handler;

/// What the service says of itself.
const DOCUMENTS: Documents = Documents {
    service: "invoices",
    openapi: include_str!("../../../contracts/openapi/invoices.json"),
    page: include_str!("../../../contracts/openapi/invoices.html"),
};

/// The routes of the service.
pub fn routes() -> Router {
    let routes = Router::new()
        .route("/health", get(health))
        .route("/events", post(receive_event::receive_event))
        .route("/invoices", get(list_invoices::list_invoices))
        .route("/invoices/{id}", get(show_invoice::show_invoice))
        .route("/credit-notes", get(list_credit_notes::list_credit_notes))
        .route("/credit-notes/{id}", get(show_credit_note::show_credit_note))
        .merge(webhooks::routes());
    with_fallbacks(with_documents(routes, DOCUMENTS))
}

#[cfg(target_family = "wasm")]
waybill_service::serve_http!(crate::routes);
