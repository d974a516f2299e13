//! SQL on PostgreSQL, once for every host: pipelined connections that reconnect, and the values of the SQL link.
//!
//! A [`Database`] has a few connections to a server, on which statements are pipelined:
//!
//! - Statements are prepared once per connection and found again by their text.
//! - Statements in flight are bounded; further ones are refused at once. Each has a time limit.
//! - A lost connection is re-made, with jittered backoff, and [`Database::health`] says so meanwhile. An idle one is probed, so that
//!   an outage shows without a request. It is not replaced while the server goes on with its statement beyond the time limit.
//! - A statement that fails for the database's own fault is tried, without effect, until it works, and health says so.
//! - **No statement takes effect twice.** One whose answer was lost may have taken effect; only the caller knows what a
//!   second attempt means. One that the server undid, since a concurrent transaction was in its way, is run again.
//! - A server that takes no writes, as after a failover, is left for one that does.
//! - Statements that allow it ([`Execution`]) share a transaction when many of them arrive at the same time.
//! - Connections are shared, so a statement that would change their session (`BEGIN`, `SET`, `COPY`, …) is refused;
//!   [`Database::session`] and [`Database::query_batch`] have one of their own.
//! - What such statements would set can be given beforehand, as [`SessionSettings`]: every session has them.
//! - Passwords and the values of settings are never shown: not by `Debug`, not in errors.
//!
//! Only a few types cross the SQL link ([`waybill_contracts::sql`] lists them); [`Database::rows`] is for Rust code and takes all
//! that tokio-postgres knows.
//!
//! ```no_run
//! use waybill_contracts::sql::SqlValue;
//! use waybill_postgres::{Database, Execution, ServerConfig};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = ServerConfig::new("postgresql://user:password@localhost:5432/orders")?;
//! let database = Database::connect(server).await?;
//! let rows = database.query("SELECT $1::int8 + 1 AS next", Execution::Plain, &[SqlValue::Int8(41)]).await?;
//! let (name, value) = rows[0].entries().next().expect("a column")?;
//! assert_eq!((name, value), ("next", SqlValue::Int8(42)));
//! database.close().await;
//! # Ok(())
//! # }
//! ```

mod backend;
mod config;
mod connection;
mod connector;
mod database;
mod driver;
mod error;
mod failing;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod group_commit;
mod guard;
mod in_flight;
mod parameter;
mod pool;
mod pooler;
mod probe;
mod reconnector;
mod row;
mod servers;
mod session;
mod session_settings;
mod statements;
mod target;
mod tls;

pub use config::ServerConfig;
pub use database::{Database, DatabaseLoad};
pub use error::{Cause, ConnectError, Error};
pub use row::Row;
pub use session::Session;
pub use session_settings::SessionSettings;
pub use waybill_contracts::Execution;
