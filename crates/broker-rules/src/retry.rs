//! What follows an attempt: the retry ladder, isolation, dead letters.

use std::fmt;
use std::time::Duration;

use waybill_contracts::DeliveryError;

use crate::headers::{self, Table};
use crate::table::UNREADABLE;

/// The redeliveries after which a message is isolated. The count does not say whether this message or another one ended the
/// processes that held it, and RabbitMQ also counts messages that were only prefetched.
const SUSPECT: u32 = 3;

/// The queue from which a message came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The main queue.
    Main,
    /// Nothing else is in flight, and its handling begins at once. So each delivery that ended with its connection is a failed
    /// attempt.
    Isolated,
}

/// What a message may be at most to be handled.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Its body, in bytes.
    pub max_body_bytes: usize,
    /// Its deliveries from the isolated queue that ended with their connection.
    pub crash_limit: u16,
}

/// Why a message became a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The handler said that it can never be handled.
    Rejected,
    /// The last attempt failed.
    RetriesExhausted,
    /// The process died each time it was handled.
    CrashLoop,
    /// Its body is larger than allowed.
    TooLarge,
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Rejected => "rejected",
            Self::RetriesExhausted => "retries-exhausted",
            Self::CrashLoop => "crash-loop",
            Self::TooLarge => "too-large",
        })
    }
}

/// What happens to a message.
#[derive(Debug, PartialEq)]
pub enum Outcome {
    /// It is acknowledged.
    Handled,
    /// The message goes back to its queue when the channel closes.
    Returned,
    /// The message moves to the queue of those that are handled alone.
    Isolated,
    /// The message moves from there to the end of the main queue.
    BackInLine,
    /// The message comes again after this delay, because of this error.
    RetryAfter(Duration, String),
    /// The message becomes a dead letter, because of this error.
    DeadLetter(Cause, String),
}

/// What follows a failed attempt: the next delay of the ladder, or the end of it.
pub fn next(delays: &[Duration], attempt: u32, error: DeliveryError) -> Outcome {
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

/// What happens to a message that is not handled at all; `None` for one that is.
pub fn refuse(source: Source, received: Table<'_>, body_bytes: u64, limits: Limits) -> Option<Outcome> {
    let Limits { max_body_bytes, crash_limit } = limits;
    if body_bytes > max_body_bytes as u64 {
        let error = format!("the body has {body_bytes} bytes, more than {max_body_bytes}");
        return Some(Outcome::DeadLetter(Cause::TooLarge, error));
    }
    let deliveries = headers::delivery_count(received);
    match source {
        Source::Main if deliveries >= SUSPECT => Some(Outcome::Isolated),
        Source::Isolated if deliveries >= u32::from(crash_limit) => {
            let error = format!(
                "it was handled {deliveries} times alone, and each time the process or its connection died"
            );
            Some(Outcome::DeadLetter(Cause::CrashLoop, error))
        }
        Source::Main | Source::Isolated => None,
    }
}

/// What happens to a message whose headers no parser may read (see [`is_readable_table`](crate::is_readable_table)).
pub fn unreadable_headers() -> Outcome {
    Outcome::DeadLetter(Cause::Rejected, UNREADABLE.to_owned())
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
