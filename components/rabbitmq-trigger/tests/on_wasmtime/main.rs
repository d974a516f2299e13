//! The component on a real wasmtime, with the network of this machine and a handler that the test has, before a real RabbitMQ.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../../../../crates/broker/tests/broker/support.rs"]
#[allow(
    clippy::pedantic,
    dead_code,
    reason = "it belongs to the tests of another crate, which use more of it"
)]
mod support;
mod trigger;

mod bodies;
mod failures;
mod losses;
mod outages;
mod settings;
