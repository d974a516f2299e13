use bytes::Bytes;
use lapin::BasicProperties;
use lapin::message::BasicReturnMessage;
use lapin::types::ShortString;
use waybill_broker_rules::headers::Headers;
use waybill_trace_context::TraceContext;

use crate::error::PublishError;

/// The `app-id` property of our messages.
const APP_ID: &str = "waybill";

/// An event on its way to the exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// The event's id, which becomes the property `message-id`.
    pub message_id: String,
    /// The event's type, `order.created`, which becomes the routing key and the property `type`.
    pub event_type: String,
    /// The event, as JSON.
    pub body: Bytes,
    /// When the event happened, in seconds since 1970.
    pub created_at_unix_s: u64,
    /// The trace to which it belongs.
    pub trace: Option<TraceContext>,
}

/// A message as RabbitMQ gets it.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    pub(crate) exchange: ShortString,
    pub(crate) routing_key: ShortString,
    pub(crate) properties: BasicProperties,
    pub(crate) body: Bytes,
}

impl Message {
    pub(crate) fn event(exchange: &ShortString, outgoing: Outgoing) -> Result<Self, PublishError> {
        let event_type = short("type", outgoing.event_type)?;
        let headers = Headers::default().trace(outgoing.trace.as_ref());
        let mut properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_message_id(short("id", outgoing.message_id)?)
            .with_type(event_type.clone())
            .with_content_type("application/json".into())
            .with_timestamp(outgoing.created_at_unix_s)
            .with_app_id(APP_ID.into());
        if !headers.is_empty() {
            properties = properties.with_headers(headers.into_table());
        }
        Ok(Self { exchange: exchange.clone(), routing_key: event_type, properties, body: outgoing.body })
    }

    pub(crate) fn is(&self, returned: &BasicReturnMessage) -> bool {
        self.has_route_of(returned)
            && self.properties.message_id() == returned.properties.message_id()
            && self.body == returned.data
    }

    pub(crate) fn has_route_of(&self, returned: &BasicReturnMessage) -> bool {
        self.exchange == returned.exchange && self.routing_key == returned.routing_key
    }
}

pub(crate) fn short(what: &str, text: String) -> Result<ShortString, PublishError> {
    ShortString::try_new(text)
        .map_err(|error| PublishError::Invalid(format!("its {what} is too long ({error})")))
}
