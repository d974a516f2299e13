//! What must hold of each parser of outside input, for any bytes at all.
//!
//! A module is a parser, and its `check` panics where a property does not hold: what is written is read again, a bound is kept, a
//! second reader agrees, no error shows a secret. `fuzz_targets/` gives each of them to libFuzzer, and `tests/replay.rs` runs them
//! over the corpora without it.

#![allow(missing_docs, reason = "the name of each module is its parser's")]
#![allow(clippy::unwrap_used, reason = "a property that does not hold is a panic")]

pub mod accept;
pub mod accept_parameters;
pub mod amqp_frames;
pub mod amqp_headers;
pub mod api_key;
#[allow(dead_code, reason = "the host uses all of it")]
#[path = "../../host/src/authority.rs"]
mod authority;
pub mod broker_policies;
pub mod broker_url;
pub mod client;
pub mod cloud_event;
pub mod database_url;
pub mod idempotency_key;
pub mod identifiers;
mod input;
pub mod order_event;
pub mod query;
pub mod request_body;
pub mod retry_after;
pub mod settings_body;
pub mod spin_address;
pub mod spin_statement;
pub mod sql_failure;
pub mod sql_guard;
pub mod time;
pub mod trace_context;
pub mod webhook_url;
pub mod wrpc;

/// A target's name and its check.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 25] = [
    ("accept", accept::check),
    ("accept_parameters", accept_parameters::check),
    ("amqp_frames", amqp_frames::check),
    ("amqp_headers", amqp_headers::check),
    ("api_key", api_key::check),
    ("broker_policies", broker_policies::check),
    ("broker_url", broker_url::check),
    ("client", client::check),
    ("cloud_event", cloud_event::check),
    ("database_url", database_url::check),
    ("idempotency_key", idempotency_key::check),
    ("identifiers", identifiers::check),
    ("order_event", order_event::check),
    ("query", query::check),
    ("request_body", request_body::check),
    ("retry_after", retry_after::check),
    ("settings_body", settings_body::check),
    ("spin_address", spin_address::check),
    ("spin_statement", spin_statement::check),
    ("sql_failure", sql_failure::check),
    ("sql_guard", sql_guard::check),
    ("time", time::check),
    ("trace_context", trace_context::check),
    ("webhook_url", webhook_url::check),
    ("wrpc", wrpc::check),
];
