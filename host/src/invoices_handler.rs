use std::time::{Instant, SystemTime};

use waybill_broker::{Delivery, Handler};
use waybill_contracts::DeliveryError;
use waybill_postgres::Database;
use waybill_telemetry::{Service, SpanKind, names, parent_of};
use waybill_transports::IN_PROCESS;
use waybill_webhooks::Waker;

use crate::metrics::events;
use crate::runtime::{HandleError, MessageService};
use crate::timeline::{Step, Timelines, order_of};

/// Handles events by the invoices component of this process, whichever way they come.
pub struct InvoicesHandler {
    component: MessageService,
    database: Database,
    service: Service,
    /// The transport's name in traces and metrics.
    system: &'static str,
    /// How many attempts a message has before it is a dead letter.
    attempts_most: u32,
    webhooks: Option<Waker>,
    timelines: Option<Timelines>,
}

impl InvoicesHandler {
    /// A handler of messages from RabbitMQ that calls `component`, which keeps its invoices in `database`.
    pub fn new(component: MessageService, database: Database, service: Service) -> Self {
        Self {
            component,
            database,
            service,
            system: "rabbitmq",
            attempts_most: u32::MAX,
            webhooks: None,
            timelines: None,
        }
    }

    /// The events come from the relay of this process.
    #[must_use]
    pub fn in_process(self) -> Self {
        Self { system: IN_PROCESS, ..self }
    }

    /// The broker makes this many attempts.
    #[must_use]
    pub fn attempting(self, attempts_most: u32) -> Self {
        Self { attempts_most, ..self }
    }

    /// Wakes the relay of webhooks after each event that was handled.
    #[must_use]
    pub fn waking(self, webhooks: Waker) -> Self {
        Self { webhooks: Some(webhooks), ..self }
    }

    /// Records the steps of orders.
    #[must_use]
    pub fn recording(self, timelines: Timelines) -> Self {
        Self { timelines: Some(timelines), ..self }
    }

    /// Without its database the component can handle nothing, which is not the event's fault.
    fn ready(&self) -> Result<(), DeliveryError> {
        self.database.health().map_err(|down| {
            DeliveryError::Unavailable(format!("the invoices database is unavailable: {down}"))
        })
    }

    async fn call(&self, delivery: Delivery) -> Result<(), DeliveryError> {
        let Delivery { subject, body, message_id, trace, attempt } = delivery;
        let mut attributes =
            names::processing(self.system, &subject, message_id.as_deref().unwrap_or_default());
        attributes.push(names::attempts(i32::try_from(attempt).unwrap_or(i32::MAX) - 1));
        let parent = parent_of(trace.as_ref());
        let span = self.service.span(names::process(&subject), SpanKind::Consumer, &parent, attributes);
        let called = self.component.handle(&subject, body.to_vec(), span.context().clone()).await;
        called.map_err(|error| {
            span.set_error(&error.to_string());
            if let Err(unavailable) = self.ready() {
                return match error {
                    HandleError::Refused(rejected @ DeliveryError::Rejected(_)) => rejected,
                    _ => unavailable,
                };
            }
            match error {
                HandleError::Refused(error) => error,
                HandleError::Trapped(cause) => {
                    DeliveryError::Failed(format!("the component failed: {cause:#}"))
                }
            }
        })
    }
}

impl Handler for InvoicesHandler {
    /// Calls the component in a span that continues the event's trace.
    async fn handle(&self, delivery: Delivery) -> Result<(), DeliveryError> {
        self.ready()?;
        let recorded = self.timelines.as_ref().and_then(|timelines| {
            let order = order_of(&delivery.subject, &delivery.body)?;
            if self.system != IN_PROCESS {
                timelines.reached(order, Step::Delivered);
            }
            Some((timelines, order))
        });
        let (began, delivered_at) = (Instant::now(), SystemTime::now());
        let is_last = delivery.attempt >= self.attempts_most;
        let outcome = self.call(delivery).await;
        if let (Ok(()), Some(webhooks)) = (&outcome, &self.webhooks) {
            webhooks.wake();
        }
        match (recorded, &outcome) {
            (Some((timelines, order)), Ok(())) => {
                if self.system == IN_PROCESS {
                    // No broker confirms it: without its success the event is still in the outbox.
                    timelines.reached_at(order, Step::Published, delivered_at);
                    timelines.reached_at(order, Step::Delivered, delivered_at);
                }
                timelines.reached(order, Step::Invoiced);
            }
            (Some((timelines, order)), Err(error)) => timelines.failed(order, error, is_last),
            (None, _) => {}
        }
        events().handled(self.system, began.elapsed(), &outcome);
        outcome
    }
}
