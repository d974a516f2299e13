//! Metrics, by the instruments of OpenTelemetry: Prometheus reads and OTLP sends the same ones. `deploy/grafana` has a dashboard
//! and alerts.
//!
//! [`requests`], [`statements`], [`instances`] and [`events`] are counted where they happen. What the parts of a process count
//! themselves is read when the metrics are read ([`watch`]), and what only a database or RabbitMQ knows is measured every few seconds
//! ([`Depths`](crate::depths::Depths)).

mod events;
mod instances;
mod requests;
mod statements;
pub mod watch;

use waybill_telemetry::meter;
use waybill_telemetry::metrics::Histogram;

pub use events::events;
pub use instances::{Alive, instances};
pub use requests::{InFlight, Requests, requests};
pub use statements::statements;

/// Upper bounds of the buckets of durations, in seconds: from a fast statement to the timeout of a request.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// A histogram of durations in seconds.
fn durations(name: &'static str, description: &'static str) -> Histogram<f64> {
    let meter = meter();
    let histogram = meter.f64_histogram(name).with_unit("s").with_description(description);
    histogram.with_boundaries(SECONDS.to_vec()).build()
}
