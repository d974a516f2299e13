use futures::{StreamExt as _, stream};
use waybill_relay::{DeliveryError, Event, Transport};

use super::Receiver;
use super::receiver::{Handover, IN_PROCESS, Refusal};

/// Events that are handed over at the same time. Invoice numbers are given one after the other by the database, so a few
/// are enough to keep it busy.
const CONCURRENCY: usize = 16;

/// The in-process transport: the relay hands events to the invoices component of the same process.
pub struct InProcess {
    receiver: Receiver,
}

impl InProcess {
    /// A transport to `receiver`.
    pub fn new(receiver: Receiver) -> Self {
        Self { receiver }
    }

    async fn deliver_one(&self, event: Event) -> Result<(), DeliveryError> {
        let handover = Handover {
            system: IN_PROCESS,
            event_type: &event.event_type,
            id: &event.id.to_string(),
            trace: event.trace.as_ref(),
            attempts: None,
            body: event.payload,
        };
        self.receiver.take(handover).await.map_err(failure)
    }
}

impl Transport for InProcess {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        stream::iter(events).map(|event| self.deliver_one(event)).buffered(CONCURRENCY).collect().await
    }
}

fn failure(refusal: Refusal) -> DeliveryError {
    match refusal {
        Refusal::Rejected(text) => DeliveryError::Rejected(text),
        Refusal::Away(text) => DeliveryError::Transport(text),
        Refusal::Failed(text) => DeliveryError::Event(text),
    }
}
