//! An event, and where it goes.

use std::future::Future;

use thiserror::Error;
use uuid::Uuid;
use waybill_telemetry::TraceContext;

/// One row of the outbox on its way to the transport.
#[derive(Clone, Debug)]
pub struct Event {
    /// The event's identifier, which becomes the message's on every transport.
    pub id: Uuid,
    /// `order.created`; also the routing key.
    pub event_type: String,
    /// The order that it is about.
    pub order_id: Uuid,
    /// The body, byte for byte as it was written: JSON.
    pub payload: Vec<u8>,
    /// The trace that the delivery belongs to; send it along.
    pub trace: Option<TraceContext>,
    /// When the event happened, in microseconds since 1970.
    pub created_at_unix_us: i64,
    /// How often the delivery has failed before.
    pub attempts: i32,
}

/// Why an event was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeliveryError {
    /// The event itself cannot be delivered. The attempt is counted, the event waits, and after ten attempts it is set
    /// aside. The text is kept in the outbox for an operator.
    #[error("the event cannot be delivered: {0}")]
    Event(String),
    /// The receiver has refused the event for good, so another attempt would be refused as well: it is set aside at once.
    #[error("the event was rejected: {0}")]
    Rejected(String),
    /// The transport is away. Nothing is counted, and the whole relay waits.
    #[error("the transport is away: {0}")]
    Transport(String),
}

/// Takes events to their receiver.
pub trait Transport: Send + Sync + 'static {
    /// Delivers a batch, and returns one result for each event, in the same order. `Ok` means that the event is safe at
    /// the receiver, for its row is deleted then; when in doubt, return an error and deliver it again later.
    ///
    /// The relay drops the future when it must stop at once; what is not confirmed by then is delivered again.
    fn deliver(&self, events: Vec<Event>) -> impl Future<Output = Vec<Result<(), DeliveryError>>> + Send;
}
