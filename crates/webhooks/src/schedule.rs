//! When a delivery that failed is tried again.

use std::time::Duration;

use waybill_backoff::between;

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;

/// The delays after the first failure, the second, and so on: three days in all. Standard Webhooks recommends them.
const DELAYS_S: [u64; 9] = [
    5,
    5 * MINUTE_S,
    30 * MINUTE_S,
    2 * HOUR_S,
    5 * HOUR_S,
    10 * HOUR_S,
    14 * HOUR_S,
    20 * HOUR_S,
    24 * HOUR_S,
];

/// Longer than any delay, with what is added at random.
pub(crate) const LONGEST_DELAY: Duration = Duration::from_secs(27 * HOUR_S);

/// The longest delay that a receiver can ask for.
const ASKED_MOST: Duration = Duration::from_secs(24 * HOUR_S);

/// The delay of a delivery that has now failed `failures` times; `None` after the last attempt. Up to a tenth is added at random,
/// so that deliveries which failed together come back apart. A receiver that asks for more time gets it, within a day.
pub(crate) fn delay_after(failures: i32, asked: Option<Duration>) -> Option<Duration> {
    let index = usize::try_from(failures).unwrap_or(0).saturating_sub(1);
    let delay = Duration::from_secs(*DELAYS_S.get(index)?);
    let jittered = between(delay, delay + delay / 10);
    Some(jittered.max(asked.unwrap_or_default().min(ASKED_MOST)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_is_tried_for_three_days_and_then_fails() {
        let waits: Vec<Duration> = (1..).map_while(|failures| delay_after(failures, None)).collect();
        assert_eq!(waits.len(), 9);
        assert!(waits.is_sorted());
        let days = waits.iter().sum::<Duration>().as_secs_f64() / 86_400.0;
        assert!((3.0..3.6).contains(&days), "{days}");
        assert_eq!(delay_after(10, None), None);
    }

    #[test]
    fn a_receiver_that_asks_for_time_gets_it_within_a_day() {
        let hour = Duration::from_hours(1);
        assert_eq!(delay_after(1, Some(hour)), Some(hour));
        assert_eq!(delay_after(1, Some(Duration::MAX)), Some(ASKED_MOST));
        assert!(delay_after(3, Some(Duration::from_secs(1))) > Some(Duration::from_mins(29)));
    }
}
