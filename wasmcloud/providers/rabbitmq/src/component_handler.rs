use std::io;

use async_nats::HeaderMap;
use bytes::Bytes;
use waybill_broker::{Delivery, DeliveryError, Handler};
use waybill_broker_rules::with_trace;
use waybill_provider::wrpc::Client;
use waybill_telemetry::{Service, SpanKind, TraceContext, names, parent_of};

use crate::bindings::wasmcloud::messaging::handler;
use crate::bindings::wasmcloud::messaging::types::BrokerMessage;

/// Calls a component's handler with each message.
pub struct ComponentHandler {
    /// The component.
    pub client: Client,
    /// Where spans go.
    pub service: Service,
    /// Whether the trace is written into the body.
    pub trace_in_body: bool,
}

impl Handler for ComponentHandler {
    async fn handle(&self, delivery: Delivery) -> Result<(), DeliveryError> {
        let id = delivery.message_id.as_deref().unwrap_or_default();
        let attempts = i32::try_from(delivery.attempt).unwrap_or(i32::MAX) - 1;
        let mut attributes = names::processing("rabbitmq", &delivery.subject, id);
        attributes.push(names::attempts(attempts));
        let parent = parent_of(delivery.trace.as_ref());
        let span =
            self.service.span(names::process(&delivery.subject), SpanKind::Consumer, &parent, attributes);
        // Without an exporter there is no span, and the message's own trace goes on.
        let trace = span.trace_context().or(delivery.trace);
        let traced = trace.as_ref().filter(|_| self.trace_in_body);
        let body =
            traced.and_then(|trace| with_trace(&delivery.body, trace)).map_or(delivery.body, Bytes::from);
        let message = BrokerMessage { subject: delivery.subject, body, reply_to: None };
        let call = handler::handle_message(&self.client, Some(headers(trace.as_ref())), &message);
        let outcome = self.client.while_connected(call).await;
        let verdict = verdict(outcome);
        verdict.inspect_err(|error| span.set_error(&error.to_string()))
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
fn verdict(outcome: anyhow::Result<Result<(), String>>) -> Result<(), DeliveryError> {
    match outcome {
        Ok(handled) => handled.map_err(|text| DeliveryError::parse(&text)),
        // No host answers calls of this component now: it is not deployed, its host is gone, or NATS is.
        Err(error) if is_not_connected(&error) => {
            Err(DeliveryError::Unavailable(format!("the component cannot be reached: {error:#}")))
        }
        Err(error) => Err(DeliveryError::Failed(format!("the component could not be called: {error:#}"))),
    }
}

fn is_not_connected(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>());
    causes.any(|cause| cause.kind() == io::ErrorKind::NotConnected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_the_component_decides() {
        let answer = |text: &str| verdict(Ok(Err(text.to_owned())));
        assert_eq!(verdict(Ok(Ok(()))), Ok(()));
        assert!(matches!(answer("rejected: amount"), Err(DeliveryError::Rejected(_))));
        assert!(matches!(answer("unavailable: no database"), Err(DeliveryError::Unavailable(_))));
        assert!(matches!(answer("anything else"), Err(DeliveryError::Failed(_))));
    }

    #[test]
    fn a_missing_component_is_unavailable_and_a_failed_call_is_retried() {
        let gone = io::Error::new(io::ErrorKind::NotConnected, "no responders");
        let gone = anyhow::Error::from(gone).context("failed to receive response");
        assert!(matches!(verdict(Err(gone)), Err(DeliveryError::Unavailable(_))));
        let lost = anyhow::anyhow!("deadline has elapsed").context("failed to receive response");
        assert!(matches!(verdict(Err(lost)), Err(DeliveryError::Failed(_))));
    }
}
