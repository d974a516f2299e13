use futures::{StreamExt as _, stream};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use waybill_relay::{DeliveryError, Event, RelayConfig, Transport};

use super::cloud_event::{Meaning, PostError};
use super::{CloudEvent, Poster};

/// Events that are under way at the same time.
const CONCURRENCY: usize = 16;

/// The transport by HTTP: an event is delivered when the receiver has answered with a success.
pub struct ToHttp {
    poster: Poster,
}

impl ToHttp {
    /// A transport that posts by `poster`.
    pub fn new(poster: Poster) -> Self {
        Self { poster }
    }

    /// The relay's settings that suit it: a batch ends well within the relay's limit even when each answer is late.
    pub fn relay_config() -> RelayConfig {
        RelayConfig {
            batch_size: 64,
            delivery_limit: std::time::Duration::from_secs(90),
            messaging_system: "http",
            ..RelayConfig::default()
        }
    }

    async fn deliver_one(&self, event: Event) -> Result<(), DeliveryError> {
        self.poster.post(cloud_event(event)).await.map_err(|error| failure(&error))
    }
}

impl Transport for ToHttp {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        stream::iter(events).map(|event| self.deliver_one(event)).buffered(CONCURRENCY).collect().await
    }
}

fn cloud_event(event: Event) -> CloudEvent {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(event.created_at_unix_us) * 1000);
    CloudEvent {
        id: event.id.to_string(),
        event_type: event.event_type,
        time: time.ok().and_then(|time| time.format(&Rfc3339).ok()),
        trace: event.trace,
        data: event.payload.into(),
    }
}

/// What a failed post means for the relay.
fn failure(error: &PostError) -> DeliveryError {
    let text = error.to_string();
    match error.meaning() {
        Meaning::Unavailable => DeliveryError::Transport(text),
        Meaning::Failed => DeliveryError::Event(text),
        Meaning::Rejected => DeliveryError::Rejected(text),
    }
}
