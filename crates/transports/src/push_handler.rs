use uuid::Uuid;
use waybill_broker::{Delivery, Handler};
use waybill_contracts::{DeliveryError, ORDER_CREATED, ORDERS_QUEUE};
use waybill_telemetry::{Service, SpanKind, names, parent_of};

use crate::{CloudEvent, Poster};

/// Posts what comes from RabbitMQ to a service that answers `POST /events`.
pub struct PushHandler {
    poster: Poster,
    service: Service,
}

impl PushHandler {
    /// A handler that posts with `poster`.
    pub fn new(poster: Poster, service: Service) -> Self {
        Self { poster, service }
    }
}

impl Handler for PushHandler {
    async fn handle(&self, delivery: Delivery) -> Result<(), DeliveryError> {
        let parent = parent_of(delivery.trace.as_ref());
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
        let posted = self.poster.post(event).await.map_err(DeliveryError::from);
        posted.inspect_err(|error| span.set_error(&error.to_string()))
    }
}

/// A message without a type has the queue's name for its subject, and is an order: the replaced system sends no other.
fn event_type(subject: String) -> String {
    if subject == ORDERS_QUEUE { ORDER_CREATED.to_owned() } else { subject }
}
