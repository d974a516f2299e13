//! The retry ladder.

use std::time::Duration;

use waybill_contracts::DeliveryError;

use crate::dead_letter::Cause;

/// What happens to a message.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Handled,
    /// The message goes back to its queue when the channel closes.
    Returned,
    /// The message moves to the queue of those that are handled alone.
    Isolated,
    /// The message moves from there to the end of the main queue.
    BackInLine,
    RetryAfter(Duration, String),
    DeadLetter(Cause, String),
}

/// What follows a failed attempt: the next delay of the ladder, or the end of it.
pub(crate) fn next(delays: &[Duration], attempt: u32, error: DeliveryError) -> Outcome {
    match error {
        DeliveryError::Rejected(error) => Outcome::DeadLetter(Cause::Rejected, error),
        DeliveryError::Failed(error) | DeliveryError::Unavailable(error) => {
            let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
            match delays.get(index) {
                Some(delay) => Outcome::RetryAfter(*delay, error),
                None => Outcome::DeadLetter(Cause::RetriesExhausted, error),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ladder_is_walked_step_by_step_and_then_ends() {
        let delays = [1, 10].map(Duration::from_secs);
        let step = |attempt| next(&delays, attempt, DeliveryError::Failed("no".into()));
        assert_eq!(step(1), Outcome::RetryAfter(delays[0], "no".into()));
        assert_eq!(step(2), Outcome::RetryAfter(delays[1], "no".into()));
        assert_eq!(step(3), Outcome::DeadLetter(Cause::RetriesExhausted, "no".into()));
        assert_eq!(step(u32::MAX), Outcome::DeadLetter(Cause::RetriesExhausted, "no".into()));
        let rejected = next(&delays, 1, DeliveryError::Rejected("bad".into()));
        assert_eq!(rejected, Outcome::DeadLetter(Cause::Rejected, "bad".into()));
    }
}
