//! Consuming, retrying and dead-lettering, against a real RabbitMQ.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../support/mod.rs"]
mod support;

mod isolation;
mod lifecycle;
mod retries;
