use std::time::Duration;

/// Growing delays with jitter, as those of `crates/backoff`, which needs tokio.
pub struct Backoff {
    first: Duration,
    longest: Duration,
    bound: Duration,
}

impl Backoff {
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, bound: first }
    }

    /// Between half of the bound and all of it. The bound doubles.
    pub fn next_delay(&mut self) -> Duration {
        let bound = self.bound;
        self.bound = bound.saturating_mul(2).min(self.longest);
        // Without randomness the delays are only less spread.
        let random = getrandom::u32().unwrap_or(u32::MAX);
        bound / 2 + (bound / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
    }

    pub fn reset(&mut self) {
        self.bound = self.first;
    }
}
