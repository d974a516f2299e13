use std::time::SystemTime;

use uuid::Uuid;
use waybill_broker::{Broker, Outgoing};
use waybill_provider::wrpc::Call;
use waybill_telemetry::{Service, SpanKind, names, parent_of, with_causes};

use crate::bindings::wasmcloud::messaging::types::BrokerMessage;

/// Publishes one message and returns when RabbitMQ has confirmed that it stores it.
///
/// The subject is the routing key and the type. A message that is sent again has another id: a component that needs to recognise it
/// puts a key into the body.
pub async fn publish(
    broker: &Broker,
    service: &Service,
    call: &Call,
    message: BrokerMessage,
) -> Result<(), String> {
    let id = Uuid::now_v7().to_string();
    let attributes = names::sending("rabbitmq", &message.subject, &id);
    let parent = parent_of(call.trace.as_ref());
    let span = service.span(names::send(&message.subject), SpanKind::Producer, &parent, attributes);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let outgoing = Outgoing {
        message_id: id,
        event_type: message.subject,
        body: message.body,
        created_at_unix_s: now.as_secs(),
        trace: span.trace_context(),
    };
    let outcome = broker.publisher().publish_batch(vec![outgoing]).await.pop();
    let published = match outcome {
        Some(Ok(())) => Ok(()),
        Some(Err(error)) => Err(with_causes(&error)),
        None => Err("the message has no outcome".to_owned()),
    };
    if let Err(error) = &published {
        span.set_error(error);
    }
    published
}
