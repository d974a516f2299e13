use std::sync::LazyLock;

use waybill_telemetry::metrics::{Counter, UpDownCounter};
use waybill_telemetry::{label, meter};

/// Metrics of component instances.
pub struct Instances {
    created: Counter<u64>,
    failed: Counter<u64>,
    live: UpDownCounter<i64>,
    refused_spans: Counter<u64>,
}

pub fn instances() -> &'static Instances {
    static INSTANCES: LazyLock<Instances> = LazyLock::new(|| Instances {
        created: meter()
            .u64_counter("waybill.instances.created")
            .with_description("Component instances that were created")
            .build(),
        failed: meter()
            .u64_counter("waybill.instances.failed")
            .with_description("Component instances that trapped or timed out, and were dropped")
            .build(),
        live: meter()
            .i64_up_down_counter("waybill.instances.live")
            .with_description("Live component instances, busy and idle")
            .build(),
        refused_spans: meter()
            .u64_counter("waybill.instances.refused_spans")
            .with_description("Spans that a component reported and that were left out; the log says why")
            .build(),
    });
    &INSTANCES
}

impl Instances {
    /// Counts an instance until the returned value is dropped.
    pub fn create(&'static self, component: &'static str) -> Alive {
        self.created.add(1, &[label("component", component)]);
        // Prometheus needs a 0 before the first failure.
        self.failed.add(0, &[label("component", component)]);
        self.refused_spans.add(0, &[label("component", component)]);
        self.live.add(1, &[label("component", component)]);
        Alive(component)
    }

    /// Records that an instance trapped or timed out.
    pub fn fail(&self, component: &'static str) {
        self.failed.add(1, &[label("component", component)]);
    }

    /// Records that a span that the component reported is not exported.
    pub fn refuse_span(&self, component: &'static str) {
        self.refused_spans.add(1, &[label("component", component)]);
    }
}

/// A live instance.
pub struct Alive(&'static str);

impl Drop for Alive {
    fn drop(&mut self) {
        instances().live.add(-1, &[label("component", self.0)]);
    }
}
