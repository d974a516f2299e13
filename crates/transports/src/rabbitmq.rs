use std::sync::atomic::{AtomicBool, Ordering};

use waybill_broker::{Outgoing, PublishError, Publisher};
use waybill_relay::{DeliveryError, Event, RelayConfig, Transport};
use waybill_telemetry::with_causes;

/// The transport to RabbitMQ: an event is delivered when RabbitMQ has confirmed that it stores it.
pub struct RabbitMq {
    publisher: Publisher,
    /// Whether the last batch failed because of a state of RabbitMQ whose end will be noticed.
    is_unavailable: AtomicBool,
}

impl RabbitMq {
    /// A transport that publishes by `publisher`.
    pub fn new(publisher: Publisher) -> Self {
        if !publisher.sees_policies() {
            tracing::info!(
                "BROKER_MANAGEMENT_URL is not set: a policy of RabbitMQ by which a queue loses messages would not be noticed"
            );
        }
        Self { publisher, is_unavailable: AtomicBool::new(false) }
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

impl Transport for RabbitMq {
    async fn deliver(&self, events: Vec<Event>) -> Vec<Result<(), DeliveryError>> {
        let batch = events.into_iter().map(outgoing).collect();
        let outcomes = self.publisher.publish_batch(batch).await;
        let is_unavailable = outcomes.iter().any(|outcome| {
            matches!(
                outcome,
                Err(PublishError::Unavailable(_) | PublishError::Lossy(_) | PublishError::Lost(_))
            )
        });
        self.is_unavailable.store(is_unavailable, Ordering::Relaxed);
        outcomes.into_iter().map(|outcome| outcome.map_err(|error| failure(&error))).collect()
    }

    async fn recovered(&self) {
        if self.is_unavailable.load(Ordering::Relaxed) {
            self.publisher.available().await;
        } else {
            // RabbitMQ refused the events; the relay's delay relieves it.
            std::future::pending::<()>().await;
        }
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

/// What a failed publication means. All events go through one exchange, so a refusal, even of a message that no queue is bound
/// for, says something about RabbitMQ's topology and nothing about the event: the relay waits, and no event is parked while an
/// operator repairs it.
fn failure(error: &PublishError) -> DeliveryError {
    match error {
        PublishError::Invalid(_) => DeliveryError::Failed(error.to_string()),
        PublishError::Returned(_)
        | PublishError::Nacked
        | PublishError::TimedOut
        | PublishError::Lost(_)
        | PublishError::Lossy(_)
        | PublishError::Unavailable(_) => DeliveryError::Unavailable(with_causes(error)),
    }
}
