//! A message in flight, and its copies for other queues.

use std::sync::Arc;

use bytes::Bytes;
use lapin::message;
use tokio_util::sync::CancellationToken;
use waybill_broker_rules::Source;
use waybill_broker_rules::headers::Headers;

use crate::carried::carried;
use crate::link::Link;
use crate::message::Message;

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

    /// Its copy for a queue, with these headers.
    pub(crate) fn to_queue(&self, queue: &str, headers: Headers) -> Message {
        Message {
            exchange: "".into(),
            routing_key: queue.into(),
            properties: carried(&self.message.properties, headers),
            body: self.body.clone(),
        }
    }
}
