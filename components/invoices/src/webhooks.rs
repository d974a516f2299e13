//! Webhooks: who wants to hear of invoices, and what has become of what was to be told.
//!
//! The events are written by the statements that issue, pay and credit invoices; `waybill webhooks`, or `waybill up`, delivers
//! them, with the crate `waybill-webhooks`.

use axum::Router;
use axum::routing::{get, post};

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
pub fn routes() -> Router {
    let endpoints = get(list_endpoints::list_endpoints).post(create_endpoint::create_endpoint);
    let endpoint = get(show_endpoint::show_endpoint).delete(delete_endpoint::delete_endpoint);
    Router::new()
        .route("/webhook-endpoints", endpoints)
        .route("/webhook-endpoints/{id}", endpoint)
        .route("/webhook-endpoints/{id}/deliveries", get(list_deliveries::list_deliveries))
        .route("/webhook-endpoints/{id}/deliveries/{event_id}", get(show_delivery::show_delivery))
        .route("/webhook-endpoints/{id}/deliveries/{event_id}/redeliver", post(redeliver::redeliver))
}
