use std::sync::LazyLock;
use std::time::Duration;

use waybill_telemetry::label;
use waybill_telemetry::metrics::Histogram;

use super::durations;

/// Metrics of the SQL statements of components.
pub struct Statements(Histogram<f64>);

pub fn statements() -> &'static Statements {
    static STATEMENTS: LazyLock<Statements> = LazyLock::new(|| {
        let description = "SQL statements of components, including the wait for a connection";
        Statements(durations("waybill.sql.duration", description))
    });
    &STATEMENTS
}

impl Statements {
    pub fn ran(&self, database: &'static str, duration: Duration, succeeded: bool) {
        let outcome = if succeeded { "ok" } else { "error" };
        self.0.record(duration.as_secs_f64(), &[label("database", database), label("outcome", outcome)]);
    }
}
