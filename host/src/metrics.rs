//! Metrics of a process, for Prometheus: read when they are asked for, from what the parts know of themselves.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, text::encode},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};
use waybill_broker::{Broker, Health};
use waybill_postgres::Database;
use waybill_relay::{RelayState, RelayStatus};
use waybill_webhooks::WebhooksStatus;

/// The metrics of a process. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Mutex<Registry>>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self { registry: Arc::new(Mutex::new(Registry::with_prefix("waybill"))) }
    }
}

impl Metrics {
    /// Also tells of the link to RabbitMQ.
    pub fn add_broker(&self, broker: &Broker) {
        let broker = broker.clone();
        self.add(move |encoder| {
            let health = broker.health();
            let connected = !matches!(health, Health::Down { .. });
            gauge(encoder, "broker_connected", "Whether RabbitMQ is connected", connected)?;
            let blocked = matches!(health, Health::Blocked { .. });
            gauge(encoder, "broker_blocked", "Whether RabbitMQ takes no messages for lack of room", blocked)
        });
    }

    /// Also tells of a database, known as `name`.
    pub fn add_database(&self, name: &'static str, database: &Database) {
        let (name, database) = (format!("{name}_database_connected"), database.clone());
        self.add(move |encoder| {
            gauge(encoder, &name, "Whether statements can be run", database.health().is_ok())
        });
    }

    /// Also tells of the relay.
    pub fn add_relay(&self, relay: RelayStatus) {
        self.add(move |encoder| {
            let report = relay.report();
            let active = report.state == RelayState::Active;
            gauge(encoder, "relay_active", "Whether this relay is the one that delivers", active)?;
            let waiting = matches!(report.state, RelayState::BackingOff { .. });
            gauge(encoder, "relay_waiting", "Whether what it needs is away", waiting)?;
            counter(encoder, "relay_events_read", "Events read, again after each failure", report.read)?;
            counter(encoder, "relay_events_delivered", "Events delivered and deleted", report.delivered)?;
            counter(encoder, "relay_attempts_failed", "Deliveries that failed", report.failed)?;
            counter(encoder, "relay_events_set_aside", "Events that were given up", report.set_aside)
        });
    }

    /// Also tells of the relay of webhooks.
    pub fn add_webhooks(&self, webhooks: WebhooksStatus) {
        self.add(move |encoder| {
            let report = webhooks.report();
            counter(encoder, "webhooks_delivered", "Webhooks that were answered with 2xx", report.delivered)?;
            counter(encoder, "webhooks_attempts_failed", "Attempts that failed", report.failed)?;
            counter(encoder, "webhooks_given_up", "Webhooks that were given up", report.given_up)
        });
    }

    /// All of them as they are now, in the text format of Prometheus.
    pub fn encode(&self) -> String {
        let mut text = String::new();
        let registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = encode(&mut text, &registry) {
            tracing::warn!(%error, "metrics cannot be written");
        }
        text
    }

    fn add(&self, read: impl Fn(&mut DescriptorEncoder<'_>) -> fmt::Result + Send + Sync + 'static) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(Box::new(Reading(read)));
    }
}

/// Metrics that a function reads.
struct Reading<F>(F);

impl<F> fmt::Debug for Reading<F> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Reading")
    }
}

impl<F: Fn(&mut DescriptorEncoder<'_>) -> fmt::Result + Send + Sync + 'static> Collector for Reading<F> {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        (self.0)(&mut encoder)
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: bool) -> fmt::Result {
    write(encoder, name, help, &ConstGauge::new(i64::from(value)))
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    write(encoder, name, help, &ConstCounter::new(value))
}

fn write(
    encoder: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    metric: &impl EncodeMetric,
) -> fmt::Result {
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}
