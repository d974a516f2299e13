//! Waybill's own host: it runs the components `orders` and `invoices` on wasmtime, in one process with the relay and,
//! unless servers are named, with a PostgreSQL of its own.
//!
//! A request comes in through [`http`], is handed to an instance by [`runtime`], whose SQL reaches the database through
//! the link in `runtime::sql_link`; [`access`] says who may call; [`deliver`] holds the ways of an event. [`up`], [`serve`],
//! [`relay`], [`push`] and [`webhooks`] put these together, one for each role; [`running`] ends them in order. [`settings`]
//! lists everything that can be set.

#![allow(missing_docs, reason = "a name says enough where nothing outside the project links it")]

pub mod access;
pub mod audit;
pub mod audit_command;
mod body;
pub mod compiled;
pub mod components;
pub mod console;
pub mod databases;
pub mod dead_letters;
pub mod deliver;
pub mod depths;
pub mod endpoints;
pub mod health;
pub mod health_command;
pub mod http;
pub mod journal;
pub mod keys_command;
pub mod metrics;
pub mod migrate;
pub mod migrate_command;
pub mod pages;
pub mod push;
pub mod relay;
pub mod running;
pub mod runtime;
pub mod serve;
pub mod settings;
pub mod signals;
pub mod traces_ui;
pub mod up;
pub mod webhooks;
