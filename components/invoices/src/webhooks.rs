//! Webhooks: who wants to hear of invoices, and what has become of what was to be told.
//!
//! The events are written by the statements that issue, pay and credit invoices; `waybill webhooks`, or `waybill up`, delivers
//! them, with the crate `waybill-webhooks`.

use waybill_service::routes::{Route, delete, get, post};

pub mod create_endpoint;
pub mod delete_endpoint;
pub mod delivery;
pub mod endpoint;
pub mod list_deliveries;
pub mod list_endpoints;
pub mod redeliver;
pub mod show_delivery;
pub mod show_endpoint;
pub mod sql;

mod url;

/// The routes of webhooks.
pub const ROUTES: &[Route] = &[
    get("/webhook-endpoints", list_endpoints::list_endpoints),
    post("/webhook-endpoints", create_endpoint::create_endpoint),
    get("/webhook-endpoints/{id}", show_endpoint::show_endpoint),
    delete("/webhook-endpoints/{id}", delete_endpoint::delete_endpoint),
    get("/webhook-endpoints/{id}/deliveries", list_deliveries::list_deliveries),
    get("/webhook-endpoints/{id}/deliveries/{eventId}", show_delivery::show_delivery),
    post("/webhook-endpoints/{id}/deliveries/{eventId}/redeliver", redeliver::redeliver),
];
