//! SQL on PostgreSQL, once for every host: values, and pipelined connections that come back.
//!
//! A [`Database`] is one of a server, over a few connections on which statements are pipelined:
//!
//! - Statements are prepared once per connection and found again by their text.
//! - Statements in flight are bounded; further ones are refused at once. Each has a time limit.
//! - A lost connection is re-made for ever, with jittered backoff, and [`Database::health`] tells the truth meanwhile.
//! - **No statement is executed twice.** One whose answer was lost may have taken effect; only the caller knows what a
//!   second attempt means.
//! - Statements that allow it ([`waybill_contracts::Execution`]) share a transaction when many of them come at the same time.
//! - Connections are shared, so a statement that would change their session (`BEGIN`, `SET`, `COPY`, …) is refused;
//!   [`Database::session`] and [`Database::query_batch`] have one of their own.
//! - What such statements would set can be given beforehand, as [`SessionSettings`]: every session has them.
//! - Passwords and the values of settings are never shown: not by `Debug`, not in errors.
//!
//! ```no_run
//! use waybill_postgres::{Database, ServerConfig, value::PgValue};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = ServerConfig::new("postgresql://user:password@localhost:5432/orders")?;
//! let database = Database::connect(server).await?;
//! let rows = database.query("SELECT $1::int8 + 1 AS next", &[PgValue::Int8(41)]).await?;
//! assert_eq!(rows[0][0].value, PgValue::Int8(42));
//! database.close().await;
//! # Ok(())
//! # }
//! ```

mod config;
mod connection;
mod connector;
mod database;
mod error;
mod guard;
mod joined;
mod session;
mod session_settings;
mod slot;
mod tls;
pub mod value;

pub use config::ServerConfig;
pub use database::{Database, DatabaseLoad, Row};
pub use error::ConnectError;
pub use session::Session;
pub use session_settings::SessionSettings;
