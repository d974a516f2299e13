//! Messages from the queue to a component.

use async_nats::HeaderMap;
use waybill_broker::{Delivery, Handler, HandlerError};
use waybill_provider::wrpc::Client;
use waybill_telemetry::{Service, SpanKind, TraceContext, names};

use crate::bindings::wasmcloud::messaging::handler;
use crate::bindings::wasmcloud::messaging::types::BrokerMessage;
use crate::trace_in_body::with_trace;

/// Calls a component's handler with each message.
pub struct Deliver {
    /// The component.
    pub client: Client,
    /// Where spans go.
    pub service: Service,
    /// Whether the trace is written into the body.
    pub trace_in_body: bool,
}

impl Handler for Deliver {
    async fn handle(&self, delivery: Delivery) -> Result<(), HandlerError> {
        let id = delivery.message_id.as_deref().unwrap_or_default();
        let attempts = i32::try_from(delivery.attempt).unwrap_or(i32::MAX) - 1;
        let mut attributes = names::processing("rabbitmq", &delivery.subject, id);
        attributes.push(names::attempts(attempts));
        let parent = TraceContext::parent_of(delivery.trace.as_ref());
        let span =
            self.service.span(names::process(&delivery.subject), SpanKind::Consumer, &parent, attributes);
        // Without an exporter there is no span, and the message's own trace goes on.
        let trace = span.trace_context().or(delivery.trace);
        let body = if self.trace_in_body { with_trace(delivery.body, trace.as_ref()) } else { delivery.body };
        let message = BrokerMessage { subject: delivery.subject, body, reply_to: None };
        let outcome = handler::handle_message(&self.client, Some(headers(trace.as_ref())), &message).await;
        let verdict = verdict(outcome);
        if let Err(error) = &verdict {
            let (HandlerError::Retry(text) | HandlerError::Unavailable(text) | HandlerError::Reject(text)) =
                error;
            span.set_error(text);
        }
        verdict
    }
}

fn headers(trace: Option<&TraceContext>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(trace) = trace {
        headers.insert("traceparent", trace.traceparent.as_str());
        if let Some(state) = &trace.tracestate {
            headers.insert("tracestate", state.as_str());
        }
    }
    headers
}

/// What the outcome of a call means for the message.
fn verdict(outcome: anyhow::Result<Result<(), String>>) -> Result<(), HandlerError> {
    match outcome {
        Ok(Ok(())) => Ok(()),
        Ok(Err(text)) if text.starts_with("rejected:") => Err(HandlerError::Reject(text)),
        Ok(Err(text)) if text.starts_with("unavailable:") => Err(HandlerError::Unavailable(text)),
        Ok(Err(text)) => Err(HandlerError::Retry(text)),
        Err(error) => {
            let text = format!("{error:#}");
            // Nobody listens for calls of this component now: it is not deployed, or its host is gone.
            if text.contains("no responders") {
                return Err(HandlerError::Unavailable(format!("the component is not running: {text}")));
            }
            Err(HandlerError::Retry(format!("the component could not be called: {text}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_components_word_decides() {
        let told = |text: &str| verdict(Ok(Err(text.to_owned())));
        assert_eq!(verdict(Ok(Ok(()))), Ok(()));
        assert!(matches!(told("rejected: amount"), Err(HandlerError::Reject(_))));
        assert!(matches!(told("unavailable: the database is away"), Err(HandlerError::Unavailable(_))));
        assert!(matches!(told("anything else"), Err(HandlerError::Retry(_))));
    }

    #[test]
    fn a_component_that_is_not_there_is_waited_for_and_one_that_fails_is_tried_again() {
        assert!(matches!(verdict(Err(anyhow::anyhow!("no responders"))), Err(HandlerError::Unavailable(_))));
        let lost = anyhow::anyhow!("deadline has elapsed").context("failed to receive response");
        assert!(matches!(verdict(Err(lost)), Err(HandlerError::Retry(_))));
    }
}
