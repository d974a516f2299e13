//! The invoices service: issues one invoice for every order, records its payment, credits it when the order is canceled, and
//! shows invoices and credit notes over HTTP.
//!
//! Messages reach [`handle_event`](handle_event::handle_event) by `wasmcloud:messaging/handler`, and over HTTP
//! [`receive_event`]. However often an event is delivered, and to how many instances at once, its order is invoiced once and the
//! numbers have no gap: [`issue_invoice`] gives an invoice its number. The operations are listed at the end; each declares its
//! endpoint itself.

#![allow(
    clippy::needless_pass_by_value,
    reason = "an operation gets its request as its own; those that have no body to take only look at it"
)]

use waybill_service::service;

mod bill;
mod cloud_event;
mod credit_invoice;
mod credit_note;
mod customer;
mod events;
mod events_token;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod handle_event;
#[cfg(target_family = "wasm")]
mod handler;
mod invoice;
mod issue_invoice;
mod lines;
mod list_credit_notes;
mod list_invoices;
mod outcome;
mod receive_event;
mod record_payment;
mod refusal;
mod representation;
mod seller;
mod series;
mod show_credit_note;
mod show_invoice;
mod stored_document;
mod taxes;
mod webhooks;

service!(
    "invoices",
    "Shows the invoices of orders, and credit notes. Each order has exactly one invoice, and numbers have no gap.",
    [
        list_invoices,
        show_invoice,
        list_credit_notes,
        show_credit_note,
        receive_event,
        webhooks::create_endpoint,
        webhooks::list_endpoints,
        webhooks::show_endpoint,
        webhooks::delete_endpoint,
        webhooks::enable_endpoint,
        webhooks::rotate_secret,
        webhooks::list_deliveries,
        webhooks::show_delivery,
        webhooks::redeliver,
        seller::show_seller,
        seller::replace_seller,
        seller::list_sellers,
        seller::show_seller_by_id,
        seller::replace_seller_by_id,
        series::show_series,
        series::replace_series,
        series::show_series_of_seller,
        series::replace_series_of_seller,
    ]
);
