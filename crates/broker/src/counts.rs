//! Counters of a broker since its start, for metrics.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use crate::dead_letter::Cause;
use crate::error::PublishError;

/// Counters since the start. They only grow, but for the messages in hand.
#[derive(Debug)]
pub struct Counts {
    connections: AtomicU64,
    published: AtomicU64,
    confirmed: AtomicU64,
    returned: AtomicU64,
    nacked: AtomicU64,
    unconfirmed: AtomicU64,
    deliveries: AtomicU64,
    acknowledged: AtomicU64,
    in_hand: AtomicU64,
    delays: Vec<Duration>,
    retries: Vec<AtomicU64>,
    dead_letters: [AtomicU64; CAUSES.len()],
}

const CAUSES: [Cause; 4] = [Cause::Rejected, Cause::RetriesExhausted, Cause::CrashLoop, Cause::TooLarge];

impl Counts {
    pub(crate) fn new(delays: &[Duration]) -> Self {
        Self {
            connections: AtomicU64::new(0),
            published: AtomicU64::new(0),
            confirmed: AtomicU64::new(0),
            returned: AtomicU64::new(0),
            nacked: AtomicU64::new(0),
            unconfirmed: AtomicU64::new(0),
            deliveries: AtomicU64::new(0),
            acknowledged: AtomicU64::new(0),
            in_hand: AtomicU64::new(0),
            delays: delays.to_owned(),
            retries: delays.iter().map(|_| AtomicU64::new(0)).collect(),
            dead_letters: Default::default(),
        }
    }

    /// Connections that were opened, for publishing and for consuming.
    pub fn connections(&self) -> u64 {
        self.connections.load(Relaxed)
    }

    /// Messages that were sent, again after each failure.
    pub fn published(&self) -> u64 {
        self.published.load(Relaxed)
    }

    /// Messages that RabbitMQ has stored.
    pub fn confirmed(&self) -> u64 {
        self.confirmed.load(Relaxed)
    }

    /// Messages that RabbitMQ returned because no queue takes them.
    pub fn returned(&self) -> u64 {
        self.returned.load(Relaxed)
    }

    /// Messages that RabbitMQ refused.
    pub fn nacked(&self) -> u64 {
        self.nacked.load(Relaxed)
    }

    /// Messages that were sent, and neither confirmed nor refused.
    pub fn unconfirmed(&self) -> u64 {
        self.unconfirmed.load(Relaxed)
    }

    /// Messages that RabbitMQ delivered.
    pub fn deliveries(&self) -> u64 {
        self.deliveries.load(Relaxed)
    }

    /// Messages whose handler was successful.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Relaxed)
    }

    /// Messages that are being handled now.
    pub fn in_hand(&self) -> u64 {
        self.in_hand.load(Relaxed)
    }

    /// Messages that were published for a retry, by the configured delays.
    pub fn retries(&self) -> Vec<u64> {
        self.retries.iter().map(|count| count.load(Relaxed)).collect()
    }

    /// Messages that became dead letters, by cause.
    pub fn dead_letters(&self) -> [(Cause, u64); CAUSES.len()] {
        std::array::from_fn(|index| (CAUSES[index], self.dead_letters[index].load(Relaxed)))
    }

    pub(crate) fn connect(&self) {
        self.connections.fetch_add(1, Relaxed);
    }

    pub(crate) fn publish(&self, outcomes: &[Result<(), PublishError>]) {
        for outcome in outcomes {
            let what = match outcome {
                Ok(()) => &self.confirmed,
                Err(PublishError::Returned(_)) => &self.returned,
                Err(PublishError::Nacked) => &self.nacked,
                Err(PublishError::Lost(_) | PublishError::TimedOut) => &self.unconfirmed,
                // It was not sent.
                Err(PublishError::Unavailable(_) | PublishError::Invalid(_)) => continue,
            };
            self.published.fetch_add(1, Relaxed);
            what.fetch_add(1, Relaxed);
        }
    }

    /// Counts a message as in hand for as long as what it returns lives.
    pub(crate) fn deliver(&self) -> InHand<'_> {
        self.deliveries.fetch_add(1, Relaxed);
        self.in_hand.fetch_add(1, Relaxed);
        InHand(self)
    }

    pub(crate) fn acknowledge(&self) {
        self.acknowledged.fetch_add(1, Relaxed);
    }

    pub(crate) fn retry(&self, delay: Duration) {
        if let Some(index) = self.delays.iter().position(|known| *known == delay) {
            self.retries[index].fetch_add(1, Relaxed);
        }
    }

    pub(crate) fn dead_letter(&self, cause: Cause) {
        if let Some(index) = CAUSES.iter().position(|known| *known == cause) {
            self.dead_letters[index].fetch_add(1, Relaxed);
        }
    }
}

/// A message in hand.
pub(crate) struct InHand<'a>(&'a Counts);

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.0.in_hand.fetch_sub(1, Relaxed);
    }
}
