//! The orders service: takes orders over HTTP, keeps each with its event in one statement, and shows them.
//!
//! | Route | Operation |
//! | --- | --- |
//! | `GET /health` | whether the database answers |
//! | `POST /orders` | [`create_order`] |
//! | `GET /orders` | [`list_orders`] |
//! | `GET /orders/{id}` | [`show_order`] |
//!
//! The service sends no event itself. It writes the event into the outbox in the statement that writes the order; the
//! relay delivers it from there. So an order without its event cannot exist, whatever fails when.

#![allow(
    clippy::unused_async,
    reason = "axum's handlers are async; most wait for nothing, since a call of a WASI 0.2 capability blocks"
)]

use axum::Router;
use axum::routing::get;
use waybill_service::routes::{health, with_fallbacks};

pub mod create_order;
pub mod list_orders;
pub mod order;
pub mod show_order;
pub mod sql;
pub mod trace_context;

/// The routes of the service.
pub fn routes() -> Router {
    with_fallbacks(
        Router::new()
            .route("/health", get(health))
            .route("/orders", get(list_orders::list_orders).post(create_order::create_order))
            .route("/orders/{id}", get(show_order::show_order)),
    )
}

#[cfg(target_family = "wasm")]
waybill_service::serve_http!(crate::routes);
