//! Events by request over NATS.
//!
//! NATS keeps nothing by itself, so an event is asked for, not sent: whoever takes it in answers, and only then is it
//! delivered. The answer is empty, or says why not.

use std::sync::Arc;
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::{Client, HeaderMap, Request};
use futures::stream::{self, StreamExt as _};
use waybill_relay::{DeliveryError, Event, RelayConfig, Transport};

/// Requests that wait for their answers at the same time.
const CONCURRENCY: usize = 16;

/// The transport.
pub struct ToNats {
    /// The lattice's own NATS.
    pub client: Arc<Client>,
    /// How long an answer may take.
    pub timeout: Duration,
}

impl ToNats {
    /// The relay's settings that suit it.
    pub fn relay_config() -> RelayConfig {
        RelayConfig { messaging_system: "nats", ..RelayConfig::default() }
    }

    async fn ask(&self, event: Event) -> Result<(), DeliveryError> {
        let mut headers = HeaderMap::new();
        headers.insert("Nats-Msg-Id", event.id.to_string());
        if let Some(trace) = &event.trace {
            headers.insert("traceparent", trace.traceparent.as_str());
        }
        let request =
            Request::new().headers(headers).payload(event.payload.into()).timeout(Some(self.timeout));
        match self.client.send_request(event.event_type, request).await {
            Ok(answer) if answer.payload.is_empty() => Ok(()),
            Ok(answer) => Err(refusal(String::from_utf8_lossy(&answer.payload).into_owned())),
            Err(error) => Err(match error.kind() {
                // It may have been taken in all the same; it is asked for again.
                RequestErrorKind::TimedOut => {
                    DeliveryError::Event(format!("no answer within {:?}", self.timeout))
                }
                RequestErrorKind::NoResponders => {
                    DeliveryError::Transport("nobody answers to events".to_owned())
                }
                RequestErrorKind::Other => DeliveryError::Transport(error.to_string()),
            }),
        }
    }
}

fn refusal(text: String) -> DeliveryError {
    match text {
        text if text.starts_with("rejected:") => DeliveryError::Rejected(text),
        text if text.starts_with("unavailable:") => DeliveryError::Transport(text),
        text => DeliveryError::Event(text),
    }
}

impl Transport for ToNats {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        stream::iter(events).map(|event| self.ask(event)).buffered(CONCURRENCY).collect().await
    }
}
