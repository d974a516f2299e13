//! The ways of an event: the relay's transports, and what a consumer of RabbitMQ does with what it receives.
//!
//! | From | To | Is |
//! | --- | --- | --- |
//! | outbox | the invoices component of this process | [`InProcess`] |
//! | outbox | RabbitMQ | `ToRabbitMq` of `crates/relay` |
//! | outbox | HTTP | [`ToHttp`] |
//! | RabbitMQ | the invoices component of this process | [`HandleMessages`] |
//! | RabbitMQ | HTTP | [`PushMessages`] |

mod cloud_event;
mod handle_messages;
mod in_process;
mod push_messages;
mod receiver;
mod to_http;

pub use cloud_event::{CloudEvent, Poster};
pub use handle_messages::HandleMessages;
pub use in_process::InProcess;
pub use push_messages::PushMessages;
pub use receiver::Receiver;
pub use to_http::ToHttp;
