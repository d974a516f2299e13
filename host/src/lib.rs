//! Waybill's own host: it runs the components `orders` and `invoices` on wasmtime, in one process with the relay and,
//! unless servers are named, with an embedded PostgreSQL.
//!
//! A request comes in through [`http`], is handed to an instance by [`runtime`], whose SQL reaches the database through
//! the link in `runtime::sql_link`; [`deliver`] is the way of an event from the relay to the invoices component. [`up`]
//! puts these together. [`settings`] lists everything that can be set.

pub mod components;
pub mod databases;
pub mod deliver;
pub mod http;
pub mod migrate;
pub mod migrate_command;
pub mod runtime;
pub mod settings;
pub mod signals;
pub mod up;
