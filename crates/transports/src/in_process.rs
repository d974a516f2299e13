use waybill_broker::{Delivery, Handler};
use waybill_relay::{DeliveryError, Event, Transport, deliver_each};

/// The name of this transport in traces and metrics.
pub const IN_PROCESS: &str = "in_process";

/// The in-process transport: it calls a handler of the same process, as a consumer of RabbitMQ would.
pub struct InProcess<H>(H);

impl<H: Handler> InProcess<H> {
    /// A transport to `handler`.
    pub fn new(handler: H) -> Self {
        Self(handler)
    }
}

impl<H: Handler> Transport for InProcess<H> {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        deliver_each(events, |event| self.0.handle(delivery(event))).await
    }
}

fn delivery(event: Event) -> Delivery {
    Delivery {
        subject: event.event_type,
        body: event.payload.into(),
        message_id: Some(event.id.to_string()),
        trace: event.trace,
        attempt: u32::try_from(event.attempts).unwrap_or(0).saturating_add(1),
    }
}
