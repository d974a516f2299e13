use futures::{StreamExt as _, stream};
use waybill_postgres::Database;
use waybill_relay::{DeliveryError, Event, Transport};
use waybill_telemetry::{Service, SpanKind, TraceContext, names};

use crate::runtime::{HandleError, MessageService};

/// Events that are handed over at the same time. Invoice numbers are given one after the other by the database, so a few
/// are enough to keep it busy.
const CONCURRENCY: usize = 16;

/// The in-process transport: the relay hands events to the invoices component of the same process.
pub struct InProcess {
    component: MessageService,
    database: Database,
    service: Service,
}

impl InProcess {
    /// A transport to `component`, which keeps its invoices in `database`.
    pub fn new(component: MessageService, database: Database, service: Service) -> Self {
        Self { component, database, service }
    }

    async fn deliver_one(&self, event: Event) -> Result<(), DeliveryError> {
        let parent = TraceContext::parent_of(event.trace.as_ref());
        let attributes = names::processing("in_process", &event.event_type, &event.id.to_string());
        let span =
            self.service.span(names::process(&event.event_type), SpanKind::Consumer, &parent, attributes);
        let verdict = self.component.handle(&event.event_type, event.payload, span.context().clone()).await;
        verdict.map_err(|error| {
            span.set_error(&error.to_string());
            match (error, self.database.health()) {
                (HandleError::Rejected(text), _) => DeliveryError::Rejected(text),
                // Without its database the component can handle no event: that is not this event's fault.
                (_, Err(down)) => DeliveryError::Transport(format!("the invoices database is away: {down}")),
                (HandleError::Failed(text), Ok(())) => DeliveryError::Event(text),
                (HandleError::Trapped(cause), Ok(())) => {
                    DeliveryError::Event(format!("the component failed: {cause:#}"))
                }
            }
        })
    }
}

impl Transport for InProcess {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        stream::iter(events).map(|event| self.deliver_one(event)).buffered(CONCURRENCY).collect().await
    }
}
