//! The broker, against a real RabbitMQ.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dead_letters;
mod foreign;
mod isolation;
mod lifecycle;
mod losses;
mod outages;
mod permissions;
mod publishing;
mod retries;
mod speed;
mod support;
