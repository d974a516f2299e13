//! When to try again: jittered exponential backoff and, with the feature `waker`, a waker for callers that need not wait that long.
//!
//! `backon` is no help here: it adds up to a whole delay as jitter on top of its bound, and its iterator cannot start again after
//! a success, which is what every loop of ours does.

#[cfg(feature = "waker")]
mod waker;

use std::time::Duration;

#[cfg(feature = "waker")]
pub use waker::Waker;

/// The growing delay between attempts that fail: a bound that doubles from the first delay to the longest, reduced by up to half
/// of it at random, so that callers that failed together retry at different times.
#[derive(Clone, Debug)]
pub struct Backoff {
    first: Duration,
    longest: Duration,
    bound: Duration,
}

impl Backoff {
    /// A backoff that begins with `first` and never exceeds `longest`.
    pub fn new(first: Duration, longest: Duration) -> Self {
        Self { first, longest, bound: first.min(longest) }
    }

    /// Returns the next delay, and doubles the bound of the one after it.
    pub fn next_delay(&mut self) -> Duration {
        let bound = self.bound;
        self.bound = bound.saturating_mul(2).min(self.longest);
        jittered(bound)
    }

    /// Starts again with the first delay.
    pub fn reset(&mut self) {
        self.bound = self.first.min(self.longest);
    }
}

/// A delay between half of `delay` and all of it, at random.
pub fn jittered(delay: Duration) -> Duration {
    between(delay / 2, delay)
}

/// A delay from `least` to `most`, at random.
pub fn between(least: Duration, most: Duration) -> Duration {
    least + most.saturating_sub(least).mul_f64(rand::random())
}

/// A delay from `first` to a bound that doubles with each of `failures` up to `longest`. It uses the whole range, for items that
/// wait beside each other and not one after the other.
pub fn spread(first: Duration, longest: Duration, failures: u32) -> Duration {
    between(first, first.saturating_mul(2_u32.saturating_pow(failures)).min(longest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_the_longest_and_starts_again_after_success() {
        let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(30));
        for bound_ms in [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000] {
            let (delay, bound) = (backoff.next_delay(), Duration::from_millis(bound_ms));
            assert!(delay <= bound && delay >= bound / 2, "{delay:?} of {bound:?}");
        }
        backoff.reset();
        assert!(backoff.next_delay() <= Duration::from_millis(200));
        let mut short = Backoff::new(Duration::from_secs(1), Duration::from_millis(10));
        assert!(short.next_delay() <= Duration::from_millis(10));
    }

    #[test]
    fn a_spread_delay_uses_the_whole_range() {
        let (first, longest) = (Duration::from_secs(1), Duration::from_mins(10));
        for failures in [0, 1, 5, 10, 11, u32::MAX] {
            for _ in 0..1000 {
                let delay = spread(first, longest, failures);
                assert!(delay >= first && delay <= longest);
                assert!(failures != 1 || delay <= Duration::from_secs(2));
            }
        }
        let long = (0..1000).filter(|_| spread(first, longest, 10) > longest / 2).count();
        assert!((350..650).contains(&long), "{long}");
    }
}
