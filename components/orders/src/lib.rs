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
    clippy::needless_pass_by_value,
    reason = "an operation gets its request as its own; those that have no body to take only look at it"
)]

use waybill_service::routes::{Route, document, get, health, page, patch, post};

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
const OPENAPI: &str = include_str!("../../../contracts/openapi/orders.json");
const REFERENCE: &str = include_str!("../../../contracts/openapi/orders.html");

/// The routes of the service. Its documents also have names of their own, for gateways before several services.
pub const ROUTES: &[&[Route]] = &[&[
    get("/health", health),
    get("/orders", list_orders::list_orders),
    post("/orders", create_order::create_order),
    get("/orders/{id}", show_order::show_order),
    post("/orders/{id}/pay", change_order::pay_order),
    post("/orders/{id}/cancel", change_order::cancel_order),
    get("/customers", list_customers::list_customers),
    post("/customers", create_customer::create_customer),
    get("/customers/{id}", show_customer::show_customer),
    patch("/customers/{id}", change_customer::change_customer),
    document("/openapi.json", OPENAPI),
    document("/openapi/orders.json", OPENAPI),
    page("/docs", REFERENCE),
    page("/docs/orders", REFERENCE),
]];

#[cfg(target_family = "wasm")]
waybill_service::serve_http!(crate::ROUTES);
