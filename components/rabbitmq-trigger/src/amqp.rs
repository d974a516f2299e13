//! As much of AMQP 0-9-1 as a consumer needs that publishes copies, over a WASI socket. lapin and amqprs need threads or tokio's
//! sockets, which `wasm32-wasip2` does not have (decision 57). The types and tables are those of lapin's own codec.

mod connection;
mod encrypted;
mod error;
mod frame;
mod method;
mod properties;
mod reader;
mod socket;
mod stream;
mod table;
mod writer;

pub use connection::Connection;
pub use error::AmqpError;
#[cfg(feature = "fuzzing")]
pub use frame::OVERHEAD;
pub use frame::{Frame, Kind};
pub use method::{Id, id};
pub use properties::{ContentHeader, Properties};
pub use reader::Reader;
pub use socket::wait;
pub use writer::Writer;
