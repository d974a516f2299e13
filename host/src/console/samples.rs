use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

use parking_lot::Mutex;
use tokio_util::sync::CancellationToken;
use waybill_broker::DEAD_LETTER_QUEUE;
use waybill_contracts::ORDERS_QUEUE;

use crate::depths::{DepthWatch, Depths};

/// Ten minutes of samples.
const SAMPLES: usize = 300;

/// The depths at one moment. What could not be measured is missing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    pub at: SystemTime,
    pub outbox: Option<u64>,
    pub queue: Option<u64>,
    pub dead: Option<u64>,
}

/// The depths over the last minutes. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Samples(Arc<Mutex<VecDeque<Sample>>>);

impl Samples {
    /// Takes a sample at each measurement of the depths, until `stop`.
    pub(super) async fn take(self, mut depths: DepthWatch, stop: CancellationToken) {
        while stop.run_until_cancelled(depths.changed()).await.is_some() {
            self.add(sample(&depths.now()));
        }
    }

    /// All of them, the oldest first.
    pub(super) fn all(&self) -> Vec<Sample> {
        self.0.lock().iter().copied().collect()
    }

    fn add(&self, sample: Sample) {
        let mut samples = self.0.lock();
        if samples.len() == SAMPLES {
            samples.pop_front();
        }
        samples.push_back(sample);
    }
}

fn sample(depths: &Depths) -> Sample {
    let queue = |name| {
        let found = depths.queues.iter().find(|(queue, _)| queue == name);
        found.map(|(_, count)| u64::from(*count))
    };
    Sample {
        at: SystemTime::now(),
        outbox: depths.outbox.as_ref().map(|outbox| outbox.pending),
        queue: queue(ORDERS_QUEUE),
        dead: queue(DEAD_LETTER_QUEUE),
    }
}
