//! The relay's transports beside each other, and the handlers of a RabbitMQ consumer.
//!
//! | From | To | |
//! | --- | --- | --- |
//! | outbox | a [`Handler`](waybill_broker::Handler) of this process | [`InProcess`] |
//! | outbox | RabbitMQ | [`RabbitMq`] |
//! | outbox | HTTP | [`Http`] |
//! | RabbitMQ | HTTP | [`PushHandler`] |
//!
//! A fourth transport, to NATS, is in `wasmcloud/providers/relay`: only wasmCloud needs NATS, and this workspace has no client of
//! it. The handler that calls the invoices component is the host's.

mod cloud_event;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod http;
mod in_process;
mod push_handler;
mod rabbitmq;

pub use self::cloud_event::{CloudEvent, Poster};
pub use self::http::Http;
pub use self::in_process::{IN_PROCESS, InProcess};
pub use self::push_handler::PushHandler;
pub use self::rabbitmq::RabbitMq;
