//! Fixtures of the end-to-end tests: the real binary, real servers, and what measures them.
//!
//! | Fixture | Is |
//! | --- | --- |
//! | [`Waybill`] | the host as a process of its own, on free ports |
//! | [`Postgres`] | a PostgreSQL cluster of the system's package, on a free port |
//! | [`TcpProxy`] | a network between two of them that can be cut and stalled |
//! | [`OtlpSink`] | a collector of traces |
//! | [`Http`], [`Load`] | clients: one request, or thousands |
//! | [`Books`] | all orders and invoices, and whether they agree |
//!
//! Each fixture ends what it started when it is dropped, and prints its log then, which the harness shows when the test
//! failed. Nothing here waits for a time to pass: see [`eventually`].

mod books;
mod http;
mod load;
mod otlp;
mod postgres;
mod signal;
mod skip;
mod tcp_proxy;
mod wait;
mod waybill;

pub use books::{Books, InvoiceRecord, OrderRecord};
pub use http::{Answer, Http, raw};
pub use load::{Acknowledged, Load, LoadReport};
pub use otlp::{OtlpSink, SinkSpan};
pub use postgres::Postgres;
pub use signal::Signal;
pub use skip::skip;
pub use tcp_proxy::{Direction, TcpProxy};
pub use wait::eventually;
pub use waybill::{Ended, Waybill, WaybillConfig};
