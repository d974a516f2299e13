//! The invoices service: makes one invoice of every `order.created` event, and shows invoices over HTTP.
//!
//! | Route | Operation |
//! | --- | --- |
//! | `GET /health` | whether the database answers |
//! | `GET /invoices` | [`list_invoices`] |
//! | `GET /invoices/{id}` | [`show_invoice`]: JSON, or a printable page ([`invoice_page`]) |
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
use waybill_service::routes::{health, with_fallbacks};

pub mod cloud_event;
pub mod events_token;
pub mod invoice;
pub mod invoice_page;
pub mod issue_invoice;
pub mod list_invoices;
pub mod money;
pub mod receive_event;
pub mod show_invoice;
pub mod sql;
pub mod take_in;

#[cfg(target_family = "wasm")]
mod handler;

/// The routes of the service.
pub fn routes() -> Router {
    with_fallbacks(
        Router::new()
            .route("/health", get(health))
            .route("/events", post(receive_event::receive_event))
            .route("/invoices", get(list_invoices::list_invoices))
            .route("/invoices/{id}", get(show_invoice::show_invoice)),
    )
}

#[cfg(target_family = "wasm")]
waybill_service::serve_http!(crate::routes);
