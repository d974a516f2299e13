//! One batch on its way through the transport, with its spans and its time limit.

use std::future::Future;
use std::time::{Duration, SystemTime};

use tokio::time::timeout;
use uuid::Uuid;
use waybill_backoff::spread;
use waybill_contracts::DeliveryError;
use waybill_telemetry::{Service, Span, SpanKind, names, parent_of};

use crate::config::LONGEST_DELAY;
use crate::outbox::Failure;
use crate::{Event, RelayConfig, Transport};

/// The first delay before a failed event is delivered again.
const FIRST_DELAY: Duration = Duration::from_secs(1);

/// The longest error text that is kept with an event, in bytes.
const ERROR_LIMIT: usize = 1000;

/// The results of one or several batches, until the outbox has them.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub delivered: Vec<Uuid>,
    pub failed: Vec<Failure>,
}

impl Outcome {
    pub(crate) fn merge(&mut self, other: Self) {
        self.delivered.extend(other.delivered);
        self.failed.extend(other.failed);
    }
}

/// The result of one batch.
#[derive(Debug, Default)]
pub(crate) struct Delivery {
    pub outcome: Outcome,
    /// Why the transport could not take the rest, which stays as it is.
    pub transport_unavailable: Option<String>,
}

/// Delivers a batch; `None` if `interrupt` ended first, since what the transport did by then is unknown.
pub(crate) async fn deliver<T: Transport>(
    transport: &T,
    service: &Service,
    config: &RelayConfig,
    mut batch: Vec<Event>,
    interrupt: impl Future<Output = ()>,
) -> Option<Delivery> {
    let attempts: Vec<(Uuid, i32)> = batch.iter().map(|event| (event.id, event.attempts)).collect();
    let spans = start_spans(service, config.messaging_system, &mut batch);
    let results = tokio::select! {
        // First, so that a relay that was stopped and goes on too late does not begin anything more.
        biased;
        () = interrupt => return None,
        results = timeout(config.delivery_limit, transport.deliver(batch)) => results,
    };
    let unknown = |reason: String| vec![Err(DeliveryError::Unavailable(reason)); attempts.len()];
    let results = match results {
        Ok(results) if results.len() == attempts.len() => results,
        Ok(results) => unknown(format!("{} results came back for {} events", results.len(), attempts.len())),
        Err(_) => unknown(format!("no answer within {} s", config.delivery_limit.as_secs_f32())),
    };

    let mut delivery = Delivery::default();
    let mut spans = spans.into_iter();
    for ((id, attempts), result) in attempts.into_iter().zip(results) {
        let span = spans.next();
        if let (Some(span), Err(error)) = (&span, &result) {
            span.set_error(&error.to_string());
        }
        let failure = |error: &DeliveryError, attempts_most| Failure {
            id,
            error: bounded(&error.to_string()),
            delay: spread(FIRST_DELAY, LONGEST_DELAY, u32::try_from(attempts.saturating_add(1)).unwrap_or(0)),
            attempts_most,
        };
        match result {
            Ok(()) => delivery.outcome.delivered.push(id),
            Err(error @ DeliveryError::Failed(_)) => {
                delivery.outcome.failed.push(failure(&error, config.attempts_most));
            }
            Err(error @ DeliveryError::Rejected(_)) => delivery.outcome.failed.push(failure(&error, 1)),
            Err(DeliveryError::Unavailable(reason)) => {
                delivery.transport_unavailable = Some(bounded(&reason));
            }
        }
    }
    Some(delivery)
}

/// Records how long each event waited, and starts the span of its sending, which then travels with the event.
fn start_spans(service: &Service, system: &'static str, batch: &mut [Event]) -> Vec<Span> {
    if !service.is_recording() {
        return Vec::new();
    }
    batch
        .iter_mut()
        .map(|event| {
            let id = event.id.to_string();
            let parent = parent_of(event.trace.as_ref());
            let mut attributes = names::sending(system, &event.event_type, &id);
            attributes.push(names::order_id(event.order_id.to_string()));
            let wait = service.span_since(
                happened_at(event),
                names::OUTBOX_WAIT,
                SpanKind::Internal,
                &parent,
                vec![names::message_id(&id), names::attempts(event.attempts)],
            );
            let name = names::send(&event.event_type);
            let send = service.span(name, SpanKind::Producer, wait.context(), attributes);
            event.trace = send.trace_context();
            send
        })
        .collect()
}

/// When the event happened, but never in the future: the database's clock may be ahead (clock skew).
fn happened_at(event: &Event) -> SystemTime {
    let since_epoch = Duration::from_micros(u64::try_from(event.created_at_unix_us).unwrap_or(0));
    (SystemTime::UNIX_EPOCH + since_epoch).min(SystemTime::now())
}

/// An error text that the database can keep: of bounded length, and without the NUL that PostgreSQL's text cannot hold.
fn bounded(text: &str) -> String {
    let mut end = text.len().min(ERROR_LIMIT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].replace('\0', " ")
}

#[cfg(test)]
mod tests {
    use super::bounded;

    #[test]
    fn an_error_text_is_cut_at_a_character_and_holds_no_nul() {
        assert_eq!(bounded("a\0b"), "a b");
        assert_eq!(bounded(&"\u{e4}".repeat(501)).len(), 1000);
        assert_eq!(bounded(&format!("x{}", "\u{e4}".repeat(501))).len(), 999);
    }
}
