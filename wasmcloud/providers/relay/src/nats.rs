//! The transport to NATS, by requests.
//!
//! NATS stores nothing by itself, so an event is a request: it is delivered when its handler has answered. The answer is empty, or
//! says why the event was not handled.

use std::sync::Arc;
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::{Client, HeaderMap, Request};
use waybill_relay::{DeliveryError, Event, RelayConfig, Transport, deliver_each};

/// The transport.
pub struct Nats {
    /// The lattice's own NATS.
    pub client: Arc<Client>,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl Nats {
    /// The relay's settings that suit it.
    pub fn relay_config() -> RelayConfig {
        RelayConfig { messaging_system: "nats", ..RelayConfig::default() }
    }

    async fn deliver_one(&self, event: Event) -> Result<(), DeliveryError> {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", event.id.to_string());
        if let Some(trace) = &event.trace {
            headers.insert("traceparent", trace.traceparent.as_str());
        }
        let request =
            Request::new().headers(headers).payload(event.payload.into()).timeout(Some(self.timeout));
        match self.client.send_request(event.event_type, request).await {
            Ok(answer) if answer.payload.is_empty() => Ok(()),
            Ok(answer) => Err(DeliveryError::parse(&String::from_utf8_lossy(&answer.payload))),
            Err(error) => Err(match error.kind() {
                // It says nothing about this event, which may have been handled all the same; it is delivered again.
                RequestErrorKind::TimedOut => {
                    DeliveryError::Unavailable(format!("no answer within {:?}", self.timeout))
                }
                RequestErrorKind::NoResponders => {
                    DeliveryError::Unavailable("no component answers events".to_owned())
                }
                RequestErrorKind::Other => DeliveryError::Unavailable(error.to_string()),
            }),
        }
    }
}

impl Transport for Nats {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        deliver_each(events, |event| self.deliver_one(event)).await
    }
}
