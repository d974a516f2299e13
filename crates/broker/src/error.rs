//! What can go wrong, in words for the person who has to do something about it.

use lapin::ErrorKind;
use lapin::protocol::AMQPErrorKind;
use thiserror::Error;
use waybill_broker_rules::ConfigError;

/// Why a request to RabbitMQ failed.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum BrokerError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no usable connection now. It comes back by itself.
    #[error("RabbitMQ is not available: {0}")]
    Unavailable(String),
    /// An exchange or a queue of that name exists with other properties than ours.
    #[error(
        "{object} already exists with another declaration; ours is: {ours}; RabbitMQ says: {theirs}. \
         Delete it when it is empty, or set another name"
    )]
    Conflict {
        /// Which exchange or queue.
        object: String,
        /// Our declaration.
        ours: String,
        /// RabbitMQ's words about the existing one.
        theirs: String,
    },
    /// The queue does not exist.
    #[error("there is no queue `{0}`")]
    NoQueue(String),
    /// RabbitMQ refused the request, or the connection was lost before its answer.
    #[error("RabbitMQ did not {action}")]
    Refused {
        /// What was asked.
        action: String,
        /// RabbitMQ's answer.
        #[source]
        source: lapin::Error,
    },
    /// A replayed message could not be published; it is still a dead letter.
    #[error("a dead letter cannot be published")]
    Replay(#[source] PublishError),
    /// The request contradicts itself.
    #[error("{0}")]
    Invalid(String),
}

/// Why a message was not published. All but [`Invalid`](PublishError::Invalid) may succeed when tried again.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum PublishError {
    /// RabbitMQ could not route the message to any queue and returned it.
    #[error("RabbitMQ returned the message: {0}; bind a queue for it")]
    Returned(String),
    /// RabbitMQ took the message, and could not keep it.
    #[error("RabbitMQ could not store the message")]
    Nacked,
    /// No confirmation came in time. Whether the message was stored is unknown.
    #[error("RabbitMQ did not confirm the message in time")]
    TimedOut,
    /// The connection or channel was lost before the confirmation. Whether the message was stored is unknown.
    #[error("the connection was lost before the confirmation")]
    Lost(#[source] Option<lapin::Error>),
    /// The message was not sent.
    #[error("RabbitMQ is not available: {0}")]
    Unavailable(String),
    /// RabbitMQ would confirm the message and might lose it. It was not sent.
    #[error("RabbitMQ would lose messages: {0}")]
    Lossy(String),
    /// The message can never be sent.
    #[error("the message cannot be sent: {0}")]
    Invalid(String),
}

/// What RabbitMQ closes a channel with (AMQP 0-9-1, section 1.2 of its reference).
pub(crate) const ACCESS_REFUSED: u16 = 403;
pub(crate) const NOT_FOUND: u16 = 404;
pub(crate) const RESOURCE_LOCKED: u16 = 405;
pub(crate) const PRECONDITION_FAILED: u16 = 406;

/// The code by which RabbitMQ closed a channel, if that is what happened.
pub(crate) fn reply_code(error: &lapin::Error) -> Option<u16> {
    match error.kind() {
        ErrorKind::ProtocolError(error) => match error.kind() {
            AMQPErrorKind::Soft(kind) => Some(kind.get_id()),
            AMQPErrorKind::Hard(_) => None,
        },
        _ => None,
    }
}

/// RabbitMQ's own words where there are some, else the library's.
pub(crate) fn words(error: &lapin::Error) -> String {
    match error.kind() {
        ErrorKind::ProtocolError(error) => error.get_message().to_string(),
        _ => error.to_string(),
    }
}
