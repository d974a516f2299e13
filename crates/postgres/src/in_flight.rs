//! The statements in flight on one connection.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The pipeline limit: statements in flight on one connection beyond which a further one would wait.
const PIPELINE_LIMIT: usize = 32;

/// After this time without an answer the first statement is a long one, and no other should queue behind it.
const STANDSTILL_US: u64 = 2_000;

/// The statements that are in flight on a connection.
pub(crate) struct InFlight {
    count: AtomicUsize,
    /// When the last answer came, or the first statement was sent; in microseconds since `since`.
    progress_us: AtomicU64,
    since: Instant,
}

impl Default for InFlight {
    fn default() -> Self {
        Self { count: AtomicUsize::new(0), progress_us: AtomicU64::new(0), since: Instant::now() }
    }
}

impl InFlight {
    pub(crate) fn count(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether one more would be answered soon: the pipeline has room and makes progress.
    pub(crate) fn is_flowing(&self) -> bool {
        let count = self.count();
        count == 0
            || count < PIPELINE_LIMIT
                && self.now_us().saturating_sub(self.progress_us.load(Ordering::Relaxed)) < STANDSTILL_US
    }

    /// Whether a statement was begun or answered within this time.
    pub(crate) fn is_active_within(&self, time: Duration) -> bool {
        let idle_us = self.now_us().saturating_sub(self.progress_us.load(Ordering::Relaxed));
        u128::from(idle_us) < time.as_micros()
    }

    /// Counts a statement while the returned guard lives, also when the caller is dropped.
    pub(crate) fn count_one(&self) -> Counted<'_> {
        if self.count.fetch_add(1, Ordering::Relaxed) == 0 {
            self.progress_us.store(self.now_us(), Ordering::Relaxed);
        }
        Counted(self)
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// A statement in flight.
pub(crate) struct Counted<'a>(&'a InFlight);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::Relaxed);
        self.0.progress_us.store(self.0.now_us(), Ordering::Relaxed);
    }
}
