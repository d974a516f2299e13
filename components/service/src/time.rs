//! Points in time, and the identifiers that begin with them.

use std::fmt;
use std::time::{Duration, SystemTime};

use uuid::{Builder, Uuid};

/// A point in time, counted from 1970 in UTC. Its text is RFC 3339 with milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(Duration);

impl Moment {
    /// The time now. A clock that stands before 1970 is taken to stand at 1970.
    pub fn now() -> Moment {
        Moment(SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default())
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

    fn unix_ms(self) -> u64 {
        u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX)
    }
}

/// One call into the host; the identifiers' own generator of the `uuid` crate would make three.
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
    fn identifiers_of_one_moment_differ() {
        let now = Moment::now();
        assert_ne!(now.identifier(), now.identifier());
    }
}
