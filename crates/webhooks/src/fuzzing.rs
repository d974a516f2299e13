//! What the targets in `fuzz/` see of this crate.

use std::time::{Duration, SystemTime};

use http::HeaderMap;

use crate::{post, schedule};

/// The pause that a receiver asks for.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    post::retry_after(headers, now)
}

/// The delay of a delivery that has now failed so many times; `None` after the last attempt.
pub fn delay_after(failures: i32, asked: Option<Duration>) -> Option<Duration> {
    schedule::delay_after(failures, asked)
}
