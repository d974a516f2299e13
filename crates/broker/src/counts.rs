use std::time::Duration;

use parking_lot::Mutex;
use waybill_broker_rules::Cause;

use crate::error::PublishError;

const CAUSES: [Cause; 4] = [Cause::Rejected, Cause::RetriesExhausted, Cause::CrashLoop, Cause::TooLarge];

/// Counters of a broker since its start, for metrics. They only grow, but for the messages in flight.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Connections that were opened, for publishing and for consuming.
    pub connections: u64,
    /// Messages that were sent, again after each failure.
    pub published: u64,
    /// Messages that RabbitMQ has stored.
    pub confirmed: u64,
    /// Messages that RabbitMQ returned because no queue takes them.
    pub returned: u64,
    /// Messages that RabbitMQ refused.
    pub nacked: u64,
    /// Messages that were sent, and neither confirmed nor refused.
    pub unconfirmed: u64,
    /// Messages that RabbitMQ delivered.
    pub deliveries: u64,
    /// Messages whose handler was successful.
    pub acknowledged: u64,
    /// Messages that are being handled now.
    pub in_flight: u64,
    /// Messages that were published for a retry, by the configured delays.
    pub retries: Vec<u64>,
    dead_letters: [u64; CAUSES.len()],
}

impl Counts {
    /// Messages that became dead letters, by cause.
    pub fn dead_letters(&self) -> impl Iterator<Item = (Cause, u64)> {
        CAUSES.into_iter().zip(self.dead_letters)
    }
}

/// Counts for all connections of a broker.
#[derive(Debug)]
pub(crate) struct Counter {
    counts: Mutex<Counts>,
    delays: Vec<Duration>,
}

impl Counter {
    pub(crate) fn new(delays: &[Duration]) -> Self {
        let counts = Counts { retries: vec![0; delays.len()], ..Counts::default() };
        Self { counts: Mutex::new(counts), delays: delays.to_owned() }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts.lock().clone()
    }

    pub(crate) fn connect(&self) {
        self.counts.lock().connections += 1;
    }

    pub(crate) fn publish(&self, outcomes: &[Result<(), PublishError>]) {
        let mut counts = self.counts.lock();
        for outcome in outcomes {
            let count = match outcome {
                Ok(()) => &mut counts.confirmed,
                Err(PublishError::Returned(_)) => &mut counts.returned,
                Err(PublishError::Nacked) => &mut counts.nacked,
                Err(PublishError::Lost(_) | PublishError::TimedOut) => &mut counts.unconfirmed,
                // It was not sent.
                Err(PublishError::Unavailable(_) | PublishError::Lossy(_) | PublishError::Invalid(_)) => {
                    continue;
                }
            };
            *count += 1;
            counts.published += 1;
        }
    }

    /// Counts a message as in flight until the returned guard is dropped.
    pub(crate) fn deliver(&self) -> InFlight<'_> {
        let mut counts = self.counts.lock();
        counts.deliveries += 1;
        counts.in_flight += 1;
        InFlight(self)
    }

    pub(crate) fn acknowledge(&self) {
        self.counts.lock().acknowledged += 1;
    }

    pub(crate) fn retry(&self, delay: Duration) {
        if let Some(index) = self.delays.iter().position(|known| *known == delay) {
            self.counts.lock().retries[index] += 1;
        }
    }

    pub(crate) fn dead_letter(&self, cause: Cause) {
        if let Some(index) = CAUSES.iter().position(|known| *known == cause) {
            self.counts.lock().dead_letters[index] += 1;
        }
    }
}

/// A message in flight.
pub(crate) struct InFlight<'a>(&'a Counter);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.counts.lock().in_flight -= 1;
    }
}
