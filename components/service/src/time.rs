//! Points in time, and the identifiers that begin with them.

use std::fmt;
use std::time::{Duration, SystemTime};

use uuid::{Builder, Uuid};

/// A point in time, counted from 1970 in UTC. Its text is RFC 3339 with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

impl Moment {
    /// The time now. A clock that stands before 1970 is taken to stand at 1970.
    pub fn now() -> Self {
        Self(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default())
    }

    /// A new identifier that begins with this time: a `UUIDv7` (RFC 9562, section 5.7).
    ///
    /// The twelve bits after the milliseconds count fractions of one (section 6.2, method 3), so that identifiers are in the
    /// order of their making to a quarter of a microsecond, also when several instances make them. The other 62 are random.
    pub fn identifier(self) -> Uuid {
        // The fraction is below 4096, for the nanoseconds of a millisecond are below a million.
        let fraction = u64::from(self.0.subsec_nanos() % 1_000_000) * 4096 / 1_000_000;
        let mut after_time = [0; 10];
        after_time[..2].copy_from_slice(&fraction.to_be_bytes()[6..]);
        after_time[2..].copy_from_slice(&random());
        Builder::from_unix_timestamp_millis(self.unix_ms(), &after_time).into_uuid()
    }

    /// The least of all identifiers that begin with this time, to the millisecond.
    pub fn least_identifier(self) -> Uuid {
        Builder::from_unix_timestamp_millis(self.unix_ms(), &[0; 10]).into_uuid()
    }

    /// Parses an RFC 3339 timestamp; `None` if the text is not one. A date before 1970 becomes 1970-01-01, which is before
    /// everything that is stored here.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let (date, rest) = (text.get(..10)?, text.get(10..)?);
        let days = days_of(date)?;
        let [b'T' | b't' | b' ', time @ ..] = rest else { return None };
        let [hour, minute, second] = numbers(time.get(..8)?, b':')?;
        // A leap second counts as the one after it, as in POSIX.
        if hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let (nanos, zone) = fraction(&time[8..])?;
        let seconds = i64::try_from(days * 86_400 + hour * 3600 + minute * 60 + second).ok()?;
        let seconds = u64::try_from(seconds - offset_s(zone)?).unwrap_or(0);
        Some(Self(Duration::new(seconds, nanos)))
    }

    /// Whether a date, `YYYY-MM-DD`, has ended everywhere on Earth: the last place where it is that day is 12 hours behind UTC.
    pub fn is_after(self, date: &str) -> bool {
        let there = Self(self.0.saturating_sub(Duration::from_hours(12))).to_string();
        there.get(..10).is_some_and(|today| date < today)
    }

    /// Whether a date, `YYYY-MM-DD`, has begun nowhere on Earth: the first place where it is that day is 14 hours ahead of UTC.
    pub fn is_before(self, date: &str) -> bool {
        let there = Self(self.0.saturating_add(Duration::from_hours(14))).to_string();
        there.get(..10).is_some_and(|today| today < date)
    }

    fn unix_ms(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}

/// Takes one call into the host; the identifiers' own generator of the `uuid` crate would take three.
fn random() -> [u8; 8] {
    getrandom::u64().expect("every host has a source of randomness").to_ne_bytes()
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds) = (self.0.as_secs() / 86_400, self.0.as_secs() % 86_400);
        let (year, month, day) = date_of(days);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let ms = self.0.subsec_millis();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

/// The Gregorian date of a number of days since 1970-01-01; the arithmetic is Howard Hinnant's `civil_from_days`.
fn date_of(days: u64) -> (u64, u64, u64) {
    // Counted from 0000-03-01, leap days are the last ones of their four years, hundred years and four hundred years.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    (year, month, day)
}

/// Whether a text is a date, `YYYY-MM-DD`, from the year 1 on: there is no year 0.
pub fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers_of_date(text.as_bytes()) else { return false };
    year >= 1 && is_day(year, month, day)
}

/// The days from 1970-01-01 to a date; the inverse of [`date_of`]. 0 for an earlier date.
fn days_of(date: &[u8]) -> Option<u64> {
    let [year, month, day] = numbers_of_date(date)?;
    if !is_day(year, month, day) {
        return None;
    }
    // Counted from March, as in `date_of`.
    let year = if month > 2 { year } else { year.saturating_sub(1) };
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(days.saturating_sub(719_468))
}

fn is_day(year: u64, month: u64, day: u64) -> bool {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u64::from(is_leap),
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn numbers_of_date(date: &[u8]) -> Option<[u64; 3]> {
    let (year, rest) = (date.get(..4)?, date.get(4..)?);
    let [b'-', m1, m2, b'-', d1, d2] = rest else { return None };
    Some([number(year)?, number(&[*m1, *m2])?, number(&[*d1, *d2])?])
}

/// Three numbers of two digits each.
fn numbers(text: &[u8], between: u8) -> Option<[u64; 3]> {
    let [a1, a2, x, b1, b2, y, c1, c2] = text else { return None };
    (*x == between && *y == between).then_some(())?;
    Some([number(&[*a1, *a2])?, number(&[*b1, *b2])?, number(&[*c1, *c2])?])
}

fn number(digits: &[u8]) -> Option<u64> {
    digits
        .iter()
        .try_fold(0, |number, digit| digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0')))
}

/// The nanoseconds that a fraction of a second says, and what follows it.
fn fraction(text: &[u8]) -> Option<(u32, &[u8])> {
    let [b'.', rest @ ..] = text else { return Some((0, text)) };
    let digits = rest.iter().take_while(|digit| digit.is_ascii_digit()).count();
    (1..=9).contains(&digits).then_some(())?;
    let (fraction, zone) = rest.split_at(digits);
    let scale = 10_u64.pow(9 - u32::try_from(digits).ok()?);
    Some((u32::try_from(number(fraction)? * scale).ok()?, zone))
}

/// How far a time zone is ahead of UTC, in seconds.
fn offset_s(zone: &[u8]) -> Option<i64> {
    match zone {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            (hours <= 23 && minutes <= 59).then_some(())?;
            let offset = i64::try_from(hours * 3600 + minutes * 60).ok()?;
            Some(if *sign == b'-' { -offset } else { offset })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_points_in_time_have_their_text() {
        for (unix_ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_709_210_096_007, "2024-02-29T12:34:56.007Z"),
            (1_767_225_599_999, "2025-12-31T23:59:59.999Z"),
            (1_767_225_600_000, "2026-01-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(Moment(Duration::from_millis(unix_ms)).to_string(), text);
        }
    }

    #[test]
    fn a_time_is_read_as_it_is_written() {
        for text in ["1970-01-01T00:00:00.000Z", "2000-02-29T00:00:00.000Z", "2026-12-31T23:59:59.999Z"] {
            assert_eq!(Moment::read(text).unwrap().to_string(), text);
        }
        for (text, same) in [
            ("2026-01-01T01:30:00+01:30", "2026-01-01T00:00:00.000Z"),
            ("2025-12-31t23:00:00.5-01:00", "2026-01-01T00:00:00.500Z"),
            ("2025-12-31 23:59:60z", "2026-01-01T00:00:00.000Z"),
        ] {
            assert_eq!(Moment::read(text).unwrap().to_string(), same);
        }
        for text in ["1969-12-31T23:59:59Z", "0000-01-01T00:00:00Z", "1970-01-01T00:00:00+01:00"] {
            assert!(Moment::read(text).unwrap() < Moment(Duration::from_hours(24)), "{text}");
        }
    }

    #[test]
    fn an_invalid_time_is_refused() {
        for text in [
            "",
            "2026-01-01",
            "2026-01-01T00:00:00",
            "2026-02-30T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+1:00",
            "2026-01-01T00:00:00Zx",
            "2026-1-01T00:00:00Z",
            "+026-01-01T00:00:00Z",
        ] {
            assert_eq!(Moment::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_exists() {
        assert!(is_date("2024-02-29") && is_date("0001-01-01"));
        for text in ["2023-02-29", "2024-13-01", "2024-00-10", "0000-12-31", "2024-2-1", ""] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn an_identifier_is_a_uuid_of_version_7_that_begins_with_its_time() {
        let id = Moment(Duration::new(1_767_225_600, 123_999_999)).identifier();
        assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        // 2026-01-01T00:00:00.123 is 019b76da-a87b, and the last fraction of a millisecond is fff.
        assert!(id.to_string().starts_with("019b76da-a87b-7fff-"), "{id}");
    }

    #[test]
    fn identifiers_are_in_the_order_of_their_making() {
        let start = Duration::new(1_767_225_600, 0);
        let ids: Vec<Uuid> =
            (0..10_000).map(|n| Moment(start + Duration::from_nanos(n * 250)).identifier()).collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn a_time_is_the_least_identifier_of_its_millisecond() {
        let id = Moment::read("2026-01-01T00:00:00.123Z").unwrap().least_identifier();
        assert_eq!(id.to_string(), "019b76da-a87b-7000-8000-000000000000");
    }

    #[test]
    fn a_date_has_ended_when_it_has_everywhere() {
        for (now, date, expected) in [
            ("2026-11-29T11:59:59Z", "2026-11-28", false),
            ("2026-11-29T12:00:00Z", "2026-11-28", true),
            ("2026-11-29T12:00:00Z", "2026-11-29", false),
            ("2026-01-01T13:00:00Z", "2025-12-31", true),
            ("2026-11-29T12:00:00Z", "0001-01-01", true),
        ] {
            assert_eq!(Moment::read(now).unwrap().is_after(date), expected, "{now} {date}");
        }
    }

    #[test]
    fn a_date_has_begun_when_it_has_anywhere() {
        for (now, date, expected) in [
            ("2026-11-29T09:59:59Z", "2026-11-30", true),
            ("2026-11-29T10:00:00Z", "2026-11-30", false),
            ("2026-11-29T10:00:00Z", "2026-11-29", false),
            ("2026-12-31T10:00:00Z", "2027-01-01", false),
            ("2026-11-29T12:00:00Z", "9999-12-31", true),
        ] {
            assert_eq!(Moment::read(now).unwrap().is_before(date), expected, "{now} {date}");
        }
    }

    #[test]
    fn identifiers_of_one_moment_differ() {
        let now = Moment::now();
        assert_ne!(now.identifier(), now.identifier());
    }
}
