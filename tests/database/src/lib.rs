//! PostgreSQL for tests, from the programs that `waybill up` would take: nothing is installed for it.
//!
//! - [`database`] is a database of a test's own, made from a template that is filled once, on a server that all tests of a process
//!   share. It takes some milliseconds.
//! - [`Server`] is a server of a test's own, on a TCP port, for tests that stop or kill it. Its data is durable.
//!
//! Data folders lie in the target folder; those of tests that were killed go with the next run.

mod frozen;
mod home;
mod server;
mod shared;

pub use frozen::Frozen;
pub use server::Server;
pub use shared::database;
