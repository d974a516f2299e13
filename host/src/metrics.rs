//! Metrics of a process, for Prometheus: read when they are asked for, from what the parts know of themselves.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric as _, text::encode},
    metrics::{counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};
use waybill_broker::{Broker, Health};
use waybill_postgres::Database;
use waybill_relay::{RelayState, RelayStatus};

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
        self.add(BrokerMetrics(broker.clone()));
    }

    /// Also tells of a database, known as `name`.
    pub fn add_database(&self, name: &'static str, database: &Database) {
        self.add(DatabaseMetrics(name, database.clone()));
    }

    /// Also tells of the relay.
    pub fn add_relay(&self, relay: RelayStatus) {
        self.add(RelayMetrics(relay));
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

    fn add(&self, collector: impl Collector) {
        let mut registry = self.registry.lock().unwrap_or_else(PoisonError::into_inner);
        registry.register_collector(Box::new(collector));
    }
}

fn gauge(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: bool) -> fmt::Result {
    let gauge = ConstGauge::new(i64::from(value));
    gauge.encode(encoder.encode_descriptor(
        name,
        help,
        None,
        prometheus_client::metrics::MetricType::Gauge,
    )?)
}

fn counter(encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, value: u64) -> fmt::Result {
    let counter = ConstCounter::new(value);
    counter.encode(encoder.encode_descriptor(
        name,
        help,
        None,
        prometheus_client::metrics::MetricType::Counter,
    )?)
}

struct BrokerMetrics(Broker);

impl fmt::Debug for BrokerMetrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("BrokerMetrics")
    }
}

impl Collector for BrokerMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let health = self.0.health();
        let connected = !matches!(health, Health::Down { .. });
        gauge(&mut encoder, "broker_connected", "Whether RabbitMQ is connected", connected)?;
        let blocked = matches!(health, Health::Blocked { .. });
        gauge(&mut encoder, "broker_blocked", "Whether RabbitMQ takes no messages for lack of room", blocked)
    }
}

struct DatabaseMetrics(&'static str, Database);

impl fmt::Debug for DatabaseMetrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "DatabaseMetrics({})", self.0)
    }
}

impl Collector for DatabaseMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let name = format!("{}_database_connected", self.0);
        gauge(&mut encoder, &name, "Whether statements can be run", self.1.health().is_ok())
    }
}

struct RelayMetrics(RelayStatus);

impl fmt::Debug for RelayMetrics {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("RelayMetrics")
    }
}

impl Collector for RelayMetrics {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let report = self.0.report();
        let (active, waiting) =
            (report.state == RelayState::Active, matches!(report.state, RelayState::BackingOff { .. }));
        gauge(&mut encoder, "relay_active", "Whether this relay is the one that delivers", active)?;
        gauge(&mut encoder, "relay_waiting", "Whether what it needs is away", waiting)?;
        counter(&mut encoder, "relay_events_read", "Events read, again after each failure", report.read)?;
        counter(&mut encoder, "relay_events_delivered", "Events delivered and deleted", report.delivered)?;
        counter(&mut encoder, "relay_attempts_failed", "Deliveries that failed", report.failed)?;
        counter(&mut encoder, "relay_events_set_aside", "Events that were given up", report.set_aside)
    }
}
