use std::sync::LazyLock;
use std::time::Duration;

use waybill_contracts::DeliveryError;
use waybill_telemetry::label;
use waybill_telemetry::metrics::Histogram;

use super::durations;

/// Metrics of the events that the invoices component handles.
pub struct Events(Histogram<f64>);

pub fn events() -> &'static Events {
    static EVENTS: LazyLock<Events> = LazyLock::new(|| {
        Events(durations("waybill.events.duration", "Events that the invoices component handled"))
    });
    &EVENTS
}

impl Events {
    /// Records an event that came by `way`: `in_process` or `rabbitmq`.
    pub fn handled(&self, way: &'static str, duration: Duration, outcome: &Result<(), DeliveryError>) {
        let outcome = match outcome {
            Ok(()) => "accepted",
            Err(DeliveryError::Rejected(_)) => "rejected",
            Err(DeliveryError::Failed(_)) => "failed",
            Err(DeliveryError::Unavailable(_)) => "unavailable",
        };
        self.0.record(duration.as_secs_f64(), &[label("way", way), label("outcome", outcome)]);
    }
}
