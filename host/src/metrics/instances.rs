use std::sync::LazyLock;

use waybill_telemetry::metrics::{Counter, UpDownCounter};
use waybill_telemetry::{label, meter};

/// Instruments of component instances.
pub struct Instances {
    created: Counter<u64>,
    failed: Counter<u64>,
    live: UpDownCounter<i64>,
}

/// The instruments of component instances.
pub fn instances() -> &'static Instances {
    static INSTANCES: LazyLock<Instances> = LazyLock::new(|| Instances {
        created: meter()
            .u64_counter("waybill.instances.created")
            .with_description("Instances of components that were made")
            .build(),
        failed: meter()
            .u64_counter("waybill.instances.failed")
            .with_description("Instances that trapped or ran out of time, and were thrown away")
            .build(),
        live: meter()
            .i64_up_down_counter("waybill.instances.live")
            .with_description("Instances that there are, working or waiting for work")
            .build(),
    });
    &INSTANCES
}

impl Instances {
    /// Counts an instance for as long as what it returns lives.
    pub fn create(&'static self, component: &'static str) -> Alive {
        self.created.add(1, &[label("component", component)]);
        // So that there is something to compare the first failure with.
        self.failed.add(0, &[label("component", component)]);
        self.live.add(1, &[label("component", component)]);
        Alive(component)
    }

    /// Notes that an instance trapped, or ran out of time.
    pub fn fail(&self, component: &'static str) {
        self.failed.add(1, &[label("component", component)]);
    }
}

/// An instance that there is.
pub struct Alive(&'static str);

impl Drop for Alive {
    fn drop(&mut self) {
        instances().live.add(-1, &[label("component", self.0)]);
    }
}
