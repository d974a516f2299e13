//! Days and times: between PostgreSQL's counts since 2000-01-01 and the interface's records.

use super::{Date, Offset, Time, TimeTz, Timestamp, TimestampTz};

/// Days from 0000-03-01, where the arithmetic below starts, to 2000-01-01, where PostgreSQL's does.
const EPOCH_DAYS: i64 = 730_425;
const MICROS_PER_DAY: i64 = 86_400_000_000;
const MIDNIGHT: Time = Time { hour: 0, min: 0, sec: 0, micro: 0 };

/// The day that is so many days after 2000-01-01, in the proleptic Gregorian calendar.
pub(super) fn date(days: i32) -> Date {
    match days {
        i32::MAX => Date::PositiveInfinity,
        i32::MIN => Date::NegativeInfinity,
        _ => civil(days.into()),
    }
}

/// A year that begins in March puts the leap day last, so that month lengths follow one formula; 400 years (an era)
/// have the same number of days always.
fn civil(days: i64) -> Date {
    const ERA_DAYS: i64 = 146_097;
    let days = days + EPOCH_DAYS;
    let (era, day) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    Date::Ymd((narrow(year), narrow(month), narrow(day)))
}

/// The time of day that is so many microseconds after midnight. 24:00:00 exists.
pub(super) fn time(micros: i64) -> Time {
    Time {
        hour: narrow(micros / 3_600_000_000),
        min: narrow(micros / 60_000_000 % 60),
        sec: narrow(micros / 1_000_000 % 60),
        micro: narrow(micros % 1_000_000),
    }
}

/// The day and time that is so many microseconds after 2000-01-01 00:00.
pub(super) fn timestamp(micros: i64) -> Timestamp {
    match micros {
        i64::MAX => Timestamp { date: Date::PositiveInfinity, time: MIDNIGHT },
        i64::MIN => Timestamp { date: Date::NegativeInfinity, time: MIDNIGHT },
        _ => Timestamp {
            date: civil(micros.div_euclid(MICROS_PER_DAY)),
            time: time(micros.rem_euclid(MICROS_PER_DAY)),
        },
    }
}

/// The same as a point in time, at UTC.
pub(super) fn timestamp_tz(micros: i64) -> TimestampTz {
    TimestampTz { timestamp: timestamp(micros), offset: Offset::EasternHemisphereSecs(0) }
}

/// A time of day whose zone is so many seconds west of Greenwich (PostgreSQL's sign).
pub(super) fn time_tz(micros: i64, west_secs: i32) -> TimeTz {
    TimeTz { timesonze: zone(-i64::from(west_secs)), time: time(micros) }
}

/// `+02:00`, with seconds only where there are any.
pub(super) fn zone(east_secs: i64) -> String {
    let sign = if east_secs < 0 { '-' } else { '+' };
    let secs = east_secs.unsigned_abs();
    let (hour, min, sec) = (secs / 3600, secs / 60 % 60, secs % 60);
    if sec == 0 { format!("{sign}{hour:02}:{min:02}") } else { format!("{sign}{hour:02}:{min:02}:{sec:02}") }
}

/// How many days a month has.
pub(super) fn days_in_month(year: i32, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Narrows what the arithmetic above keeps in range.
fn narrow<T: TryFrom<i64> + Default>(value: i64) -> T {
    T::try_from(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(date(0), Date::Ymd((2000, 1, 1)));
        assert_eq!(date(-1), Date::Ymd((1999, 12, 31)));
        assert_eq!(date(59), Date::Ymd((2000, 2, 29)));
        assert_eq!(date(60), Date::Ymd((2000, 3, 1)));
        assert_eq!(date(-10_957), Date::Ymd((1970, 1, 1)));
        assert_eq!(date(9824), Date::Ymd((2026, 11, 24)));
        // The first and the last day that PostgreSQL knows: 4714-11-24 BC and 5874897-12-31.
        assert_eq!(date(-2_451_545), Date::Ymd((-4713, 11, 24)));
        assert_eq!(date(2_145_031_948), Date::Ymd((5_874_897, 12, 31)));
        assert_eq!(date(i32::MAX), Date::PositiveInfinity);
    }

    #[test]
    fn the_instant_before_the_epoch_is_a_day_earlier() {
        let before = timestamp(-1);
        assert_eq!(before.date, Date::Ymd((1999, 12, 31)));
        assert_eq!(before.time, Time { hour: 23, min: 59, sec: 59, micro: 999_999 });
    }

    #[test]
    fn zones_are_written_as_iso_8601_does() {
        assert_eq!(zone(0), "+00:00");
        assert_eq!(zone(7200), "+02:00");
        assert_eq!(zone(-12_600), "-03:30");
        assert_eq!(zone(3661), "+01:01:01");
    }
}
