//! `Retry-After` and `Date` of a receiver's answer: two lines; and the first bytes as a number of seconds. The second reader, and the
//! writer, is the crate `time`.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue};
use time::OffsetDateTime;
use time::macros::format_description;
use waybill_webhooks::fuzzing::{delay_after, retry_after};

/// RFC 9110, section 5.6.7.
const FIXDATE: &[time::format_description::BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");

/// Some day in 2027.
const NOW_S: u64 = 1_800_000_000;

/// The longest delay that follows from an answer, with what is added at random.
const LONGEST_DELAY: Duration = Duration::from_hours(27);

pub fn check(data: &[u8]) {
    let mut lines = data.split(|byte| *byte == b'\n');
    let asked = asked(lines.next(), lines.next());
    for failures in 1..=10 {
        let (least, delay) = (delay_after(failures, None), delay_after(failures, asked));
        assert_eq!(least.is_some(), failures < 10);
        assert_eq!(delay.is_some(), failures < 10, "a receiver ends no delivery, and extends none");
        assert!(delay.is_none_or(|delay| delay <= LONGEST_DELAY));
        if let (Some(delay), Some(asked)) = (delay, asked) {
            assert!(delay >= asked.min(Duration::from_hours(24)), "{delay:?} in place of {asked:?}");
        }
    }
    if let Some(first) = data.first_chunk() {
        round_trip(u32::from_be_bytes(*first));
    }
}

fn asked(retry_after_text: Option<&[u8]>, date: Option<&[u8]>) -> Option<Duration> {
    let mut headers = HeaderMap::new();
    for (name, text) in [(RETRY_AFTER, retry_after_text), (DATE, date)] {
        if let Some(value) = text.and_then(|text| HeaderValue::from_bytes(text).ok()) {
            headers.append(name, value);
        }
    }
    let now = UNIX_EPOCH + Duration::from_secs(NOW_S);
    let asked = retry_after(&headers, now);
    let text = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    if let (Ok(seconds), false) = (text.parse::<u64>(), text.starts_with('+')) {
        assert_eq!(asked, Some(Duration::from_secs(seconds)));
    }
    if let (Some(until), None) = (second(text), date) {
        assert_eq!(asked, Some(until.duration_since(now).unwrap_or_default()), "{text}");
    }
    if !text.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        assert_eq!(asked, None, "{text:?}");
    }
    asked
}

fn second(text: &str) -> Option<SystemTime> {
    let date = time::PrimitiveDateTime::parse(text, FIXDATE).ok()?.assume_utc();
    // The crate does not compare the day of the week.
    let is_day = date.format(FIXDATE).is_ok_and(|written| written == text);
    (is_day && date.year() >= 1970).then(|| date.into())
}

/// A wait is read as it was written: in seconds, by a date, and by a date of another clock.
fn round_trip(wait_s: u32) {
    let written = |time_s: u64| {
        let time = OffsetDateTime::from_unix_timestamp(i64::try_from(time_s).unwrap()).unwrap();
        time.format(FIXDATE).unwrap()
    };
    let wait = Duration::from_secs(wait_s.into());
    let until = written(NOW_S + u64::from(wait_s));
    assert_eq!(asked(Some(wait_s.to_string().as_bytes()), None), Some(wait));
    assert_eq!(asked(Some(until.as_bytes()), None), Some(wait), "{until}");
    let (late, later) = (written(NOW_S - 3600), written(NOW_S - 3600 + u64::from(wait_s)));
    assert_eq!(asked(Some(later.as_bytes()), Some(late.as_bytes())), Some(wait), "{later} at {late}");
}
