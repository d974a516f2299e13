//! An event, and where it goes.

use std::future::Future;

use futures::{StreamExt as _, stream};
use uuid::Uuid;
use waybill_contracts::DeliveryError;
use waybill_trace_context::TraceContext;

/// Events that [`deliver_each`] delivers at the same time. The database numbers invoices one after the other, so a few keep it busy.
const CONCURRENCY: usize = 16;

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

/// Takes events to their receiver.
pub trait Transport: Send + Sync + 'static {
    /// Delivers a batch, and returns one result for each event, in the same order. `Ok` means that the event is safe at
    /// the receiver, for its row is deleted then; when in doubt, return an error and deliver it again later.
    ///
    /// The relay drops the future when it must stop at once; what is not confirmed by then is delivered again.
    fn deliver(&self, events: Vec<Event>) -> impl Future<Output = Vec<Result<(), DeliveryError>>> + Send;

    /// Returns when a transport that was unavailable may be available again, so that the relay need not wait for the end of its
    /// delay. One that cannot know that never returns, which is the default.
    fn recovered(&self) -> impl Future<Output = ()> + Send {
        std::future::pending()
    }
}

/// Delivers a batch by a receiver that takes one event at a time, several of them at once.
pub async fn deliver_each<F: Future<Output = Result<(), DeliveryError>>>(
    events: Vec<Event>,
    deliver: impl Fn(Event) -> F,
) -> Vec<Result<(), DeliveryError>> {
    stream::iter(events).map(deliver).buffered(CONCURRENCY).collect().await
}
