//! The orders service: takes orders and customers over HTTP, keeps each order with its event in one statement, and shows them.
//!
//! | Route | Operation |
//! | --- | --- |
//! | `GET /health` | whether the database answers |
//! | `GET /openapi.json`, `GET /docs` | what the service says of itself |
//! | `POST /orders` | [`create_order`] |
//! | `GET /orders` | [`list_orders`] |
//! | `GET /orders/{id}` | [`show_order`] |
//! | `POST /orders/{id}/pay`, `POST /orders/{id}/cancel` | [`change_order`] |
//! | `POST /customers` | [`create_customer`] |
//! | `GET /customers` | [`list_customers`] |
//! | `GET /customers/{id}` | [`show_customer`] |
//! | `PATCH /customers/{id}` | [`change_customer`] |
//!
//! The service sends no event itself. It writes the event into the outbox in the statement that writes the order; the
//! relay delivers it from there. So an order without its event cannot exist, whatever fails when.

#![allow(
    clippy::unused_async,
    reason = "axum's handlers are async; most wait for nothing, since a call of a WASI 0.2 capability blocks"
)]

use axum::Router;
use axum::routing::{get, post};
use waybill_service::routes::{Documents, health, with_documents, with_fallbacks};

pub mod change_customer;
pub mod change_order;
pub mod create_customer;
pub mod create_order;
pub mod customer;
pub mod lines;
pub mod list_customers;
pub mod list_orders;
pub mod new_order;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
pub mod order;
pub mod show_customer;
pub mod show_order;
pub mod sql;
pub mod trace_context;

/// What the service says of itself.
const DOCUMENTS: Documents = Documents {
    service: "orders",
    openapi: include_str!("../../../contracts/openapi/orders.json"),
    page: include_str!("../../../contracts/openapi/orders.html"),
};

/// The routes of the service.
pub fn routes() -> Router {
    let routes = Router::new()
        .route("/health", get(health))
        .route("/orders", get(list_orders::list_orders).post(create_order::create_order))
        .route("/orders/{id}", get(show_order::show_order))
        .route("/orders/{id}/pay", post(change_order::pay_order))
        .route("/orders/{id}/cancel", post(change_order::cancel_order))
        .route("/customers", get(list_customers::list_customers).post(create_customer::create_customer))
        .route("/customers/{id}", get(show_customer::show_customer).patch(change_customer::change_customer));
    with_fallbacks(with_documents(routes, DOCUMENTS))
}

#[cfg(target_family = "wasm")]
waybill_service::serve_http!(crate::routes);
