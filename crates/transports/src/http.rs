use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use waybill_relay::{DeliveryError, Event, RelayConfig, Transport, deliver_each};

use crate::{CloudEvent, Poster};

/// The transport by HTTP: an event is delivered when the receiver has answered with a success.
pub struct Http {
    poster: Poster,
}

impl Http {
    /// A transport that posts by `poster`.
    pub fn new(poster: Poster) -> Self {
        Self { poster }
    }

    /// The relay's settings that suit it: a batch ends well within the relay's limit even when each answer is late.
    pub fn relay_config() -> RelayConfig {
        RelayConfig {
            batch_size: 64,
            delivery_limit: Duration::from_secs(90),
            messaging_system: "http",
            ..RelayConfig::default()
        }
    }

    async fn deliver_one(&self, event: Event) -> Result<(), DeliveryError> {
        Ok(self.poster.post(cloud_event(event)).await?)
    }
}

impl Transport for Http {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        deliver_each(events, |event| self.deliver_one(event)).await
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
