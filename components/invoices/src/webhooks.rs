//! Webhooks: the endpoints that are notified of invoices, and the deliveries to them.
//!
//! The events are written by the statements that issue, pay and credit invoices; `waybill webhooks`, or `waybill up`, delivers
//! them, with the crate `waybill-webhooks`.

pub mod create_endpoint;
pub mod delete_endpoint;
pub mod enable_endpoint;
pub mod list_deliveries;
pub mod list_endpoints;
pub mod redeliver;
pub mod rotate_secret;
pub mod show_delivery;
pub mod show_endpoint;

mod delivery;
mod endpoint;
pub(crate) mod url;
