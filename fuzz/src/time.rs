//! Times of RFC 3339, and dates. The second reader is the crate `time`.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};
use waybill_service::time::{Moment, is_date};

const FIRST_DAYS_MS: i128 = 3 * 86_400_000;

pub fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let second = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|_| is_common(data));
    let Some(moment) = Moment::read(text) else {
        assert!(second.is_none(), "{text:?} is a time");
        return check_date(text);
    };
    let written = moment.to_string();
    // Beyond the year 9999, where an offset can lead, no text of four digits is left.
    if written.len() == 24 {
        let again = Moment::read(&written).unwrap();
        assert_eq!(again.to_string(), written);
        assert!(again <= moment);
        assert_eq!(again.least_identifier(), moment.least_identifier());
    }
    if let Some(second) = second.and_then(|second| second.checked_to_offset(UtcOffset::UTC)) {
        let ours = OffsetDateTime::parse(&written, &Rfc3339).unwrap();
        let [ours, second] = [ours, second].map(|time| time.unix_timestamp_nanos() / 1_000_000);
        // A date before 1970 is taken for the first day; an offset may lead one further.
        if second < FIRST_DAYS_MS {
            assert!(ours < FIRST_DAYS_MS, "{text:?}");
        } else {
            assert_eq!(ours, second, "{text:?}");
        }
    }
}

/// What both read alike. The crate takes anything between date and time, takes a leap second for the end of the one before it, and
/// passes over what is less than a nanosecond.
fn is_common(text: &[u8]) -> bool {
    let fraction = text.iter().skip(20).take_while(|byte| byte.is_ascii_digit()).count();
    text.get(10).is_some_and(|byte| matches!(byte, b'T' | b't' | b' '))
        && text.get(17..19) != Some(b"60")
        && fraction <= 9
}

fn check_date(text: &str) {
    let second = Date::parse(text, format_description!("[year]-[month]-[day]"));
    let is_second = text.len() == 10 && second.is_ok_and(|date| date.year() >= 1);
    assert_eq!(is_date(text), is_second, "{text:?}");
}
