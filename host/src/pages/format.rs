//! How pages write values.

use std::time::{Duration, SystemTime};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use waybill_contracts::{Decimal, minor_unit_digits};

/// An amount of minor units as people write it: `50.00 EUR`.
pub fn money(minor_units: i64, currency: &str) -> String {
    let digits = minor_unit_digits(currency).unwrap_or(2);
    let sign = if minor_units < 0 { "-" } else { "" };
    let units = minor_units.unsigned_abs();
    if digits == 0 {
        return format!("{sign}{units} {currency}");
    }
    let scale = 10_u64.pow(u32::try_from(digits).unwrap_or(2));
    format!("{sign}{}.{:0digits$} {currency}", units / scale, units % scale)
}

/// A price in minor units and parts of them, with the digits that it needs.
pub fn price(minor_units: Decimal, currency: &str) -> String {
    let digits = i32::try_from(minor_unit_digits(currency).unwrap_or(2)).unwrap_or(2);
    format!("{} {currency}", minor_units.shifted(-digits))
}

/// Parses an amount into minor units of a currency. The error is the end of a sentence.
pub fn minor_units(text: &str, currency: &str) -> Result<i64, String> {
    let digits = minor_unit_digits(currency).unwrap_or(2);
    let example = if digits == 0 { "50".to_owned() } else { format!("50.{:0digits$}", 0) };
    let fault = || format!("must be a number such as {example}");
    let (whole, fraction) = text.trim().split_once(['.', ',']).unwrap_or((text.trim(), ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
        return Err(fault());
    }
    if fraction.len() > digits {
        return Err(format!("may have {digits} digits after the point in {currency}"));
    }
    format!("{whole}{fraction:0<digits$}").parse().map_err(|_| fault())
}

/// A moment, for people and for programs.
#[derive(Clone, Debug)]
pub struct Moment {
    pub clock: String,
    pub full: String,
    /// RFC 3339, UTC.
    pub machine: String,
}

impl Moment {
    pub fn of(time: SystemTime) -> Self {
        let time = OffsetDateTime::from(time);
        let clock = format_description!("[hour]:[minute]:[second].[subsecond digits:3]");
        let full = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3]");
        let machine =
            format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
        Self {
            clock: time.format(clock).unwrap_or_default(),
            full: time.format(full).unwrap_or_default(),
            machine: time.format(machine).unwrap_or_default(),
        }
    }

    /// Parses RFC 3339.
    pub fn read(text: &str) -> Option<Self> {
        moment(text).map(Self::of)
    }
}

/// Parses RFC 3339.
pub fn moment(text: &str) -> Option<SystemTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok().map(SystemTime::from)
}

/// A duration for people: `3.2 ms`, `1.204 s`, `2 min 5 s`.
pub fn duration(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1000.0;
    match duration.as_secs() {
        0 if ms < 100.0 => format!("{ms:.1} ms"),
        0 => format!("{ms:.0} ms"),
        seconds @ 1..60 => format!("{seconds}.{:03} s", duration.subsec_millis()),
        seconds @ 60..7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_and_read_in_the_digits_of_their_currency() {
        for (units, currency, text) in [
            (5000, "EUR", "50.00 EUR"),
            (7, "EUR", "0.07 EUR"),
            (50, "JPY", "50 JPY"),
            (1500, "KWD", "1.500 KWD"),
        ] {
            assert_eq!(money(units, currency), text);
            assert_eq!(minor_units(text.split(' ').next().unwrap(), currency), Ok(units));
        }
        assert_eq!(minor_units(" 50 ", "EUR"), Ok(5000));
        assert_eq!(minor_units("0,5", "EUR"), Ok(50));
        for bad in ["", "x", "-1", "1.234", "1e3", "99999999999999999999"] {
            assert!(minor_units(bad, "EUR").is_err(), "{bad}");
        }
    }

    #[test]
    fn durations_have_the_unit_that_suits_them() {
        for (ms, text) in [
            (3, "3.0 ms"),
            (450, "450 ms"),
            (1204, "1.204 s"),
            (125_000, "2 min 5 s"),
            (7_260_000, "2 h 1 min"),
        ] {
            assert_eq!(duration(Duration::from_millis(ms)), text);
        }
    }
}
