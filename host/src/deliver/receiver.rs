use std::time::Instant;

use waybill_postgres::Database;
use waybill_relay::Waker;
use waybill_telemetry::{Service, SpanKind, TraceContext, names};

use crate::metrics::{Taken, events};
use crate::runtime::{HandleError, MessageService};
use crate::timeline::{Step, Timelines, order_of};

/// The way of events that do not leave this process.
pub(super) const IN_PROCESS: &str = "in_process";

/// What the component says in front of a failure that says nothing about the event.
const UNAVAILABLE: &str = "unavailable:";

/// The invoices component of this process, as the receiver of events on whichever way they come.
pub struct Receiver {
    component: MessageService,
    database: Database,
    service: Service,
    webhooks: Option<Waker>,
    journal: Option<Timelines>,
}

/// An event that is handed over.
pub(super) struct Handover<'a> {
    /// The way on which it came: `in_process`, `rabbitmq`.
    pub system: &'static str,
    pub event_type: &'a str,
    pub id: &'a str,
    pub trace: Option<&'a TraceContext>,
    /// How often handling it had failed before, where that is known.
    pub attempts: Option<i32>,
    pub body: Vec<u8>,
}

/// Why the component did not take an event.
pub(super) enum Refusal {
    /// It refuses the event for good.
    Rejected(String),
    /// Its database is away, without which it can take no event: that is not this event's fault.
    Away(String),
    /// It could not take this event now.
    Failed(String),
}

impl Refusal {
    fn reason(&self) -> &str {
        match self {
            Self::Rejected(reason) | Self::Away(reason) | Self::Failed(reason) => reason,
        }
    }
}

impl Receiver {
    /// A receiver that calls `component`, which keeps its invoices in `database`.
    pub fn new(component: MessageService, database: Database, service: Service) -> Self {
        Self { component, database, service, webhooks: None, journal: None }
    }

    /// Wakes the relay of webhooks after each event that was taken.
    #[must_use]
    pub fn waking(self, webhooks: Waker) -> Self {
        Self { webhooks: Some(webhooks), ..self }
    }

    /// Notes what becomes of orders.
    #[must_use]
    pub fn noting(self, journal: Timelines) -> Self {
        Self { journal: Some(journal), ..self }
    }

    /// Whether there is any use in handing something over.
    pub(super) fn ready(&self) -> Result<(), Refusal> {
        self.database.health().map_err(|down| away(&down))
    }

    /// Hands an event over, in a span that continues its trace. `Ok` means that its effect is durable.
    pub(super) async fn take(&self, event: Handover<'_>) -> Result<(), Refusal> {
        let mut attributes = names::processing(event.system, event.event_type, event.id);
        attributes.extend(event.attempts.map(names::attempts));
        let name = names::process(event.event_type);
        let parent = TraceContext::parent_of(event.trace);
        let span = self.service.span(name, SpanKind::Consumer, &parent, attributes);
        let noted = self.journal.as_ref().and_then(|journal| {
            let order = order_of(event.event_type, &event.body)?;
            if event.system == IN_PROCESS {
                // There is nothing in between that could confirm it.
                journal.reached(order, Step::Published);
            }
            journal.reached(order, Step::Delivered);
            Some((journal, order))
        });
        let began = Instant::now();
        let verdict = self.component.handle(event.event_type, event.body, span.context().clone()).await;
        if verdict.is_ok()
            && let Some(webhooks) = &self.webhooks
        {
            webhooks.wake();
        }
        let outcome = verdict.map_err(|error| {
            span.set_error(&error.to_string());
            match (error, self.database.health()) {
                (HandleError::Rejected(text), _) => Refusal::Rejected(text),
                (_, Err(down)) => away(&down),
                // It is connected, but takes no statements: it has no room, say, or has become read-only.
                (HandleError::Failed(text), Ok(())) if text.starts_with(UNAVAILABLE) => Refusal::Away(text),
                (HandleError::Failed(text), Ok(())) => Refusal::Failed(text),
                (HandleError::Trapped(cause), Ok(())) => {
                    Refusal::Failed(format!("the component failed: {cause:#}"))
                }
            }
        });
        match (&noted, &outcome) {
            (Some((journal, order)), Ok(())) => journal.reached(*order, Step::Invoiced),
            (Some((journal, order)), Err(refusal)) => journal.failed(*order, refusal.reason()),
            (None, _) => {}
        }
        let taken = match &outcome {
            Ok(()) => Taken::Taken,
            Err(Refusal::Rejected(_)) => Taken::Rejected,
            Err(Refusal::Failed(_)) => Taken::Failed,
            Err(Refusal::Away(_)) => Taken::Away,
        };
        events().handled(event.system, began.elapsed(), taken);
        outcome
    }
}

fn away(down: &str) -> Refusal {
    Refusal::Away(format!("the invoices database is away: {down}"))
}
