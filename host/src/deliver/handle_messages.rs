use waybill_broker::{Delivery, Handler, HandlerError};

use super::Receiver;
use super::receiver::{Handover, Refusal};

/// Hands what comes from RabbitMQ to the invoices component of this process.
pub struct HandleMessages {
    receiver: Receiver,
}

impl HandleMessages {
    /// A handler that hands messages to `receiver`.
    pub fn new(receiver: Receiver) -> Self {
        Self { receiver }
    }
}

impl Handler for HandleMessages {
    async fn handle(&self, delivery: Delivery) -> Result<(), HandlerError> {
        self.receiver.ready().map_err(failure)?;
        let event = Handover {
            system: "rabbitmq",
            event_type: &delivery.subject,
            id: delivery.message_id.as_deref().unwrap_or_default(),
            trace: delivery.trace.as_ref(),
            attempts: Some(i32::try_from(delivery.attempt).unwrap_or(i32::MAX) - 1),
            body: delivery.body.to_vec(),
        };
        self.receiver.take(event).await.map_err(failure)
    }
}

fn failure(refusal: Refusal) -> HandlerError {
    match refusal {
        Refusal::Rejected(text) => HandlerError::Reject(text),
        Refusal::Away(text) => HandlerError::Unavailable(text),
        Refusal::Failed(text) => HandlerError::Retry(text),
    }
}
