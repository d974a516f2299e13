//! The transport to RabbitMQ.

use waybill_broker::{Outgoing, PublishError, Publisher};

use crate::{DeliveryError, Event, RelayConfig, Transport};

/// Publishes with confirms: an event is delivered when RabbitMQ has confirmed that it keeps it.
pub struct ToRabbitMq {
    publisher: Publisher,
}

impl ToRabbitMq {
    /// A transport that publishes by `publisher`.
    pub fn new(publisher: Publisher) -> Self {
        Self { publisher }
    }

    /// The relay's settings that suit it. A large batch hides the latency of reading and deleting behind the confirms, and a second
    /// one that of the last confirms.
    pub fn relay_config() -> RelayConfig {
        RelayConfig {
            batch_size: 1024,
            batches_at_once: 2,
            messaging_system: "rabbitmq",
            ..RelayConfig::default()
        }
    }
}

impl Transport for ToRabbitMq {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        let batch = events.into_iter().map(outgoing).collect();
        let outcomes = self.publisher.publish_batch(batch).await;
        outcomes.into_iter().map(|outcome| outcome.map_err(|error| failure(&error))).collect()
    }
}

fn outgoing(event: Event) -> Outgoing {
    Outgoing {
        message_id: event.id.to_string(),
        event_type: event.event_type,
        body: event.payload.into(),
        created_at_unix_s: u64::try_from(event.created_at_unix_us / 1_000_000).unwrap_or(0),
        trace: event.trace,
    }
}

/// What a failed publication means. All events take the same way through the same exchange, so a refusal, even of a
/// message that no queue is bound for, says something about that way and nothing about the event: the relay waits, and
/// no event is set aside for the time that somebody needs to put the broker right.
fn failure(error: &PublishError) -> DeliveryError {
    match error {
        PublishError::Invalid(_) => DeliveryError::Event(error.to_string()),
        PublishError::Returned(_)
        | PublishError::Nacked
        | PublishError::TimedOut
        | PublishError::Lost(_)
        | PublishError::Unavailable(_) => DeliveryError::Transport(error.to_string()),
    }
}
