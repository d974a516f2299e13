//! A message in flight, and its copies for other queues.

use std::sync::Arc;

use bytes::Bytes;
use lapin::message;
use tokio_util::sync::CancellationToken;

use crate::headers::{self, Headers};
use crate::link::Link;
use crate::message::Message;

/// The queue from which a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Main,
    /// Nothing else is in flight, and its handling begins at once. So each delivery that ended with its connection is a failed
    /// attempt.
    Isolated,
}

/// A message in flight, with the connection on which it has to be acknowledged.
pub(crate) struct Received {
    pub(crate) message: message::Delivery,
    pub(crate) body: Bytes,
    pub(crate) link: Arc<Link>,
    pub(crate) source: Source,
    /// Cancelled when the message is to go back to its queue unless its handling goes on.
    pub(crate) returned: CancellationToken,
}

impl Received {
    pub(crate) fn new(
        mut message: message::Delivery,
        link: Arc<Link>,
        source: Source,
        returned: CancellationToken,
    ) -> Self {
        let body = Bytes::from(std::mem::take(&mut message.data));
        Self { message, body, link, source, returned }
    }
}

/// The headers of a message that failed once more. Its routing key is the name of a queue from here on.
pub(crate) fn failed(received: &Received, subject: &str, error: &str) -> Headers {
    let properties = &received.message.properties;
    let first = headers::text(properties, headers::FIRST_FAILED_AT).unwrap_or_else(headers::now);
    Headers::carried(properties)
        .text(headers::SUBJECT, subject)
        .text(headers::FIRST_FAILED_AT, &first)
        .error(headers::LAST_ERROR, error)
}

/// The message as it was, for another queue, where its deliveries count from 0.
pub(crate) fn moved_to(queue: &str, received: &Received, subject: &str) -> Message {
    to_queue(queue, received, Headers::carried(&received.message.properties).text(headers::SUBJECT, subject))
}

pub(crate) fn to_queue(queue: &str, received: &Received, headers: Headers) -> Message {
    Message {
        exchange: "".into(),
        routing_key: queue.into(),
        properties: headers::carried(&received.message.properties, headers),
        body: received.body.clone(),
    }
}
