use std::sync::LazyLock;
use std::time::Duration;

use waybill_telemetry::metrics::Histogram;
use waybill_telemetry::{label, meter};

use super::SECONDS;

/// Metrics of the SQL statements of components.
pub struct Statements(Histogram<f64>);

pub fn statements() -> &'static Statements {
    static STATEMENTS: LazyLock<Statements> = LazyLock::new(|| {
        Statements(
            meter()
                .f64_histogram("waybill.sql.duration")
                .with_unit("s")
                .with_description("SQL statements of components, including the wait for a connection")
                .with_boundaries(SECONDS.to_vec())
                .build(),
        )
    });
    &STATEMENTS
}

impl Statements {
    pub fn ran(&self, database: &'static str, duration: Duration, succeeded: bool) {
        let outcome = if succeeded { "ok" } else { "error" };
        self.0.record(duration.as_secs_f64(), &[label("database", database), label("outcome", outcome)]);
    }
}
