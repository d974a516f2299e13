use waybill_broker::{Delivery, Handler, HandlerError};
use waybill_postgres::Database;
use waybill_telemetry::{Service, SpanKind, TraceContext, names};

use crate::runtime::{HandleError, MessageService};

/// Hands what comes from RabbitMQ to the invoices component of this process.
pub struct HandleMessages {
    component: MessageService,
    database: Database,
    service: Service,
}

impl HandleMessages {
    /// A handler that calls `component`, which keeps its invoices in `database`.
    pub fn new(component: MessageService, database: Database, service: Service) -> Self {
        Self { component, database, service }
    }
}

impl Handler for HandleMessages {
    async fn handle(&self, delivery: Delivery) -> Result<(), HandlerError> {
        // Without its database the component can handle no message: there is no use in trying.
        if let Err(down) = self.database.health() {
            return Err(away(&down));
        }
        let parent = TraceContext::parent_of(delivery.trace.as_ref());
        let id = delivery.message_id.as_deref().unwrap_or_default();
        let mut attributes = names::processing("rabbitmq", &delivery.subject, id);
        attributes.push(names::attempts(i32::try_from(delivery.attempt).unwrap_or(i32::MAX) - 1));
        let name = names::process(&delivery.subject);
        let span = self.service.span(name, SpanKind::Consumer, &parent, attributes);
        let body = delivery.body.to_vec();
        let verdict = self.component.handle(&delivery.subject, body, span.context().clone()).await;
        verdict.map_err(|error| {
            span.set_error(&error.to_string());
            match (error, self.database.health()) {
                (HandleError::Rejected(text), _) => HandlerError::Reject(text),
                (_, Err(down)) => away(&down),
                (HandleError::Failed(text), Ok(())) => HandlerError::Retry(text),
                (HandleError::Trapped(cause), Ok(())) => {
                    HandlerError::Retry(format!("the component failed: {cause:#}"))
                }
            }
        })
    }
}

fn away(down: &str) -> HandlerError {
    HandlerError::Unavailable(format!("the invoices database is away: {down}"))
}
