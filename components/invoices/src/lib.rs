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
    clippy::needless_pass_by_value,
    reason = "an operation gets its request as its own; those that have no body to take only look at it"
)]

use waybill_service::routes::{Route, document, get, health, page, post};

pub mod cloud_event;
pub mod credit_invoice;
pub mod credit_note;
pub mod events_token;
pub mod invoice;
pub mod issue_invoice;
pub mod lines;
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
const OPENAPI: &str = include_str!("../../../contracts/openapi/invoices.json");
const REFERENCE: &str = include_str!("../../../contracts/openapi/invoices.html");

/// The routes of the service. Its documents also have names of their own, for gateways before several services.
pub const ROUTES: &[&[Route]] = &[
    &[
        get("/health", health),
        post("/events", receive_event::receive_event),
        get("/invoices", list_invoices::list_invoices),
        get("/invoices/{id}", show_invoice::show_invoice),
        get("/credit-notes", list_credit_notes::list_credit_notes),
        get("/credit-notes/{id}", show_credit_note::show_credit_note),
        document("/openapi.json", OPENAPI),
        document("/openapi/invoices.json", OPENAPI),
        page("/docs", REFERENCE),
        page("/docs/invoices", REFERENCE),
    ],
    webhooks::ROUTES,
];

#[cfg(target_family = "wasm")]
waybill_service::serve_http!(crate::ROUTES);
