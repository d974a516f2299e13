//! The orders service: takes orders and customers over HTTP, writes each order with its event in one statement, and shows them.
//! Its operations are listed at the end; each declares its endpoint itself.
//!
//! The service sends no event itself. It writes the event into the outbox in the statement that writes the order; the
//! relay delivers it from there. So an order without its event cannot exist, whatever fails when.

#![allow(
    clippy::needless_pass_by_value,
    reason = "an operation gets its request as its own; those without a body only read it"
)]

use waybill_service::service;

mod cancel_order;
mod change_customer;
mod change_order;
mod create_customer;
mod create_order;
mod customer;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod list_customers;
mod list_orders;
mod new_order;
mod order;
mod pay_order;
mod show_customer;
mod show_order;
mod trace_context;

service!(
    "orders",
    "Takes orders and customers. An order that is answered 201 is kept, and becomes exactly one invoice.",
    [
        create_order,
        list_orders,
        show_order,
        pay_order,
        cancel_order,
        create_customer,
        list_customers,
        show_customer,
        change_customer,
    ]
);
