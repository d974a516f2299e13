//! What Waybill's components share: HTTP answers, JSON bodies, query parameters, pages, and the SQL capability.
//!
//! A component is one [`service!`] plus one file for each operation, which [`macro@endpoint`] declares; everything that two
//! operations would otherwise both do is here. An operation reads its input with [`body`] or
//! [`Request::parameters`](request::Request::parameters) into a struct of [`fields`], runs one statement with [`sql`], and answers
//! with [`respond`] or a [`Problem`].
//!
//! The crate compiles natively, so that the logic is tested without a host; only [`sql`] needs one when it runs.

#![allow(
    clippy::needless_pass_by_value,
    reason = "an operation gets its request as its own; those without a body only read it"
)]

// `statement!` names the crate by its name.
extern crate self as waybill_service;

pub mod accept;
pub mod body;
pub mod faults;
pub mod fields;
pub mod idempotency;
pub mod json;
#[cfg(not(target_family = "wasm"))]
pub mod openapi;
pub mod page;
pub mod query;
#[cfg(not(target_family = "wasm"))]
pub mod reference_page;
pub mod request;
pub mod respond;
pub mod routes;
pub mod rules;
#[cfg(target_family = "wasm")]
pub mod server;
pub mod sql;
pub mod text;
pub mod time;

mod body_error;
mod problem;

pub use problem::{FieldError, Problem};
pub use waybill_service_macros::{Fields, endpoint};

/// Compiles and runs the how-to.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/adding-an-endpoint.md")]
struct AddingAnEndpoint;
