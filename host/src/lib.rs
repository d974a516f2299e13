//! Waybill's own host: it runs the components `orders` and `invoices` on wasmtime, in one process with the relay and,
//! unless servers are named, with a PostgreSQL of its own.

#![allow(missing_docs, reason = "a name says enough where nothing outside the project links it")]

// What users type.
pub mod commands;
pub mod settings;

// An order's way, in its direction: a listener takes the request, an instance of the component answers it, and its event is delivered.
pub mod access;
pub mod deliver;
pub mod http;
pub mod runtime;

// What the commands put together, and the order in which it ends.
pub mod components;
pub mod databases;
pub mod process;

// What operators look at.
pub mod audit;
pub mod console;
pub mod depths;
pub mod health;
pub mod metrics;
pub mod timeline;
pub mod traces_ui;

// Answers that the host makes itself.
mod answers;
mod pages;
