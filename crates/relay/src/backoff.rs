//! How long to wait after a failure.

use std::time::Duration;

use rand::Rng as _;

/// The first and the longest wait of a failed event.
const EVENT_LEAST: Duration = Duration::from_secs(1);
const EVENT_MOST: Duration = Duration::from_mins(10);

/// The wait of an event that has now failed `attempts` times: anything from one second to a bound that doubles with
/// each failure, up to ten minutes. The whole range is used, so that events which failed together come back apart.
pub(crate) fn event_delay(attempts: i32) -> Duration {
    let bound = EVENT_LEAST.saturating_mul(power_of_two(attempts)).min(EVENT_MOST);
    rand::rng().random_range(EVENT_LEAST..=bound)
}

/// The growing wait of a whole relay while the transport or the database is away.
#[derive(Debug, Default)]
pub struct Backoff {
    failures: i32,
}

impl Backoff {
    const LEAST: Duration = Duration::from_millis(200);
    const MOST: Duration = Duration::from_secs(30);

    /// The next wait: a bound that doubles from 200 ms to 30 s, or down to half of it at random.
    pub fn next_delay(&mut self) -> Duration {
        let bound = Self::LEAST.saturating_mul(power_of_two(self.failures)).min(Self::MOST);
        self.failures = self.failures.saturating_add(1);
        rand::rng().random_range(bound / 2..=bound)
    }

    /// Starts again with the shortest wait.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

fn power_of_two(exponent: i32) -> u32 {
    // 2^16 s is beyond every bound here.
    1 << exponent.clamp(0, 16)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Backoff, event_delay};

    #[test]
    fn an_event_waits_from_one_second_to_ten_minutes() {
        for attempts in [i32::MIN, 0, 1, 5, 10, 11, i32::MAX] {
            for _ in 0..1000 {
                let delay = event_delay(attempts);
                assert!(delay >= Duration::from_secs(1) && delay <= Duration::from_mins(10));
                assert!(attempts != 1 || delay <= Duration::from_secs(2));
            }
        }
        let long = (0..1000).filter(|_| event_delay(10) > Duration::from_mins(5)).count();
        assert!((350..650).contains(&long), "the whole range is used: {long}");
    }

    #[test]
    fn the_relay_waits_longer_each_time_and_starts_again_after_success() {
        let mut backoff = Backoff::default();
        let within = |delay: Duration, most_ms| {
            let most = Duration::from_millis(most_ms);
            delay <= most && delay >= most / 2
        };
        for most_ms in [200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000] {
            assert!(within(backoff.next_delay(), most_ms), "{most_ms}");
        }
        backoff.reset();
        assert!(within(backoff.next_delay(), 200));
    }
}
