//! Waybill's own host: it runs the components `orders` and `invoices` on wasmtime, in one process with the relay and,
//! unless servers are named, with a PostgreSQL of its own.

#![deny(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "they panic when their reader has ended: see `output`"
)]
#![allow(missing_docs, reason = "a name says enough where nothing outside the project links it")]

// The order's way.
/// Checks API keys, so that no request reaches a component unchecked.
pub mod access;
/// What the services' OpenAPI documents declare: route names, scopes, gateway routes.
pub mod endpoints;
/// Takes requests from the network: listener, gateway, trace, admission, invocation.
pub mod http;
/// Handles events by the invoices component of this process.
mod invoices_handler;
/// Runs instances of the components, within limits.
pub mod runtime;

// How a process is put together.
/// Asks services on any machine by their API: for commands that place orders and show invoices.
mod api_client;
/// One file for each command.
pub mod commands;
/// Bytes and machine code of the components, and the services made of them.
pub mod components;
/// Opens the databases and migrates them.
pub mod databases;
/// Rebuilds the components when their sources change.
pub mod dev;
/// Which page of the documentation explains an error.
pub mod help;
/// Standard output, whose reader may end first.
pub mod output;
/// What a command has started, and the order in which it ends.
pub mod process;
/// Asks the services of this process: for the console, and for commands that keep the rules of the API.
mod service_client;
/// Flags and variables, which are also the texts of `--help`.
pub mod settings;

// What operators see.
/// Compares orders, outbox and invoices, to prove that nothing was lost.
pub mod audit;
/// The pages of the console, which has no rights of its own.
pub mod console;
/// What only a database or RabbitMQ knows, measured every few seconds.
pub mod depths;
/// Whether the process can work.
pub mod health;
/// Counts and durations, for Prometheus and OTLP.
pub mod metrics;
/// When this process saw each step of the latest orders.
pub mod timeline;
/// The pages of the traces, for a laptop without a collector.
pub mod traces_ui;

// Answers that the host makes itself.
mod answers;
mod pages;

// What several of these read.
/// Hosts and ports, of requests and of settings.
mod authority;
