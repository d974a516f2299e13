use uuid::Uuid;
use waybill_broker::{Delivery, Handler, HandlerError};
use waybill_contracts::{ORDER_CREATED, ORDERS_QUEUE};
use waybill_telemetry::{Service, SpanKind, TraceContext, names};

use super::cloud_event::{Meaning, PostError};
use super::{CloudEvent, Poster};

/// Posts what comes from RabbitMQ to a service that answers `POST /events`.
pub struct PushMessages {
    poster: Poster,
    service: Service,
}

impl PushMessages {
    /// A handler that posts by `poster`.
    pub fn new(poster: Poster, service: Service) -> Self {
        Self { poster, service }
    }
}

impl Handler for PushMessages {
    async fn handle(&self, delivery: Delivery) -> Result<(), HandlerError> {
        let parent = TraceContext::parent_of(delivery.trace.as_ref());
        let id = delivery.message_id.clone().filter(|id| !id.is_empty());
        // A message of the replaced system has no identifier, and CloudEvents demands one. What makes a second delivery
        // harmless is the order's, in the body.
        let id = id.unwrap_or_else(|| Uuid::now_v7().to_string());
        let attributes = names::processing("rabbitmq", &delivery.subject, &id);
        let span =
            self.service.span(names::process(&delivery.subject), SpanKind::Consumer, &parent, attributes);
        let event = CloudEvent {
            id,
            event_type: event_type(delivery.subject),
            time: None,
            trace: span.trace_context().or(delivery.trace),
            data: delivery.body,
        };
        self.poster.post(event).await.map_err(|error| {
            span.set_error(&error.to_string());
            failure(&error)
        })
    }
}

/// A message without a type has the queue's name for its subject, and is an order: the replaced system sends no other.
fn event_type(subject: String) -> String {
    if subject == ORDERS_QUEUE { ORDER_CREATED.to_owned() } else { subject }
}

/// What a failed post means for the message.
fn failure(error: &PostError) -> HandlerError {
    let text = error.to_string();
    match error.meaning() {
        Meaning::Unavailable => HandlerError::Unavailable(text),
        Meaning::Failed => HandlerError::Retry(text),
        Meaning::Rejected => HandlerError::Reject(text),
    }
}
