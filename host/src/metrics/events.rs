use std::sync::LazyLock;
use std::time::Duration;

use waybill_telemetry::metrics::Histogram;
use waybill_telemetry::{label, meter};

use super::SECONDS;

/// Metrics of the events that the invoices component handles.
pub struct Events(Histogram<f64>);

/// The outcome of an event.
#[derive(Clone, Copy, Debug)]
pub enum Taken {
    /// Its effect is durable.
    Taken,
    /// It is rejected and not retried.
    Rejected,
    /// It failed and is retried.
    Failed,
    /// The database is unavailable.
    Away,
}

pub fn events() -> &'static Events {
    static EVENTS: LazyLock<Events> = LazyLock::new(|| {
        Events(
            meter()
                .f64_histogram("waybill.events.duration")
                .with_unit("s")
                .with_description("Events that the invoices component handled")
                .with_boundaries(SECONDS.to_vec())
                .build(),
        )
    });
    &EVENTS
}

impl Events {
    /// Records an event that came by `way`: `in_process` or `rabbitmq`.
    pub fn handled(&self, way: &'static str, duration: Duration, taken: Taken) {
        let outcome = match taken {
            Taken::Taken => "taken",
            Taken::Rejected => "rejected",
            Taken::Failed => "failed",
            Taken::Away => "away",
        };
        self.0.record(duration.as_secs_f64(), &[label("way", way), label("outcome", outcome)]);
    }
}
