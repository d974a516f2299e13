//! Exchange rates.

#[cfg(not(target_family = "wasm"))]
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::MAX_AMOUNT;
use crate::json_number::{self, JsonNumber};

/// How much of one currency one unit of another is: a number above 0 of at most 15 digits, twelve of them after the point, or an integer of
/// at most 9007199254740991. One Vietnamese dong is 0.00003571 euros.
///
/// In JSON it is a number. Every such number is the same after it was read as a double, so that no client and no database changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExchangeRate {
    /// The digits without the point; above 0, and no 0 at the end of a fraction.
    digits: i64,
    /// How many of them are after the point.
    scale: u32,
}

/// The most digits of a rate that has a fraction: so many a double keeps.
const MAX_DIGITS: i64 = 15;

/// The digits of the largest integer.
const MAX_INTEGER_DIGITS: i64 = 16;

/// The most digits after the point.
const MAX_FRACTION_DIGITS: i64 = 12;

/// The text is not such a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotExchangeRate;

impl fmt::Display for NotExchangeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number above 0 of at most 15 digits, 12 of them after the point")
    }
}

impl std::error::Error for NotExchangeRate {}

impl ExchangeRate {
    /// The rate as a fraction: an integer, and the power of ten that it is divided by.
    pub fn fraction(self) -> (i64, u32) {
        (self.digits, self.scale)
    }

    /// Whether it is no more than this integer.
    pub fn is_at_most(self, most: i64) -> bool {
        i128::from(self.digits) <= i128::from(most) * 10_i128.pow(self.scale)
    }
}

impl FromStr for ExchangeRate {
    type Err = NotExchangeRate;

    /// Reads a number as JSON has it. Programs write small ones with an exponent: `3.571e-05`.
    fn from_str(text: &str) -> Result<Self, NotExchangeRate> {
        let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) || text.len() > 40 {
            return Err(NotExchangeRate);
        }
        let exponent: i8 = exponent.parse().map_err(|_| NotExchangeRate)?;
        let fraction = fraction.trim_end_matches('0');
        let all = [whole, fraction].concat();
        let all = all.trim_start_matches('0');
        let digits = all.trim_end_matches('0');
        // Both texts are short.
        let length = |text: &str| i64::try_from(text.len()).map_err(|_| NotExchangeRate);
        let trailing = length(all)? - length(digits)?;
        // How many digits are after the point, or how many zeros are before it.
        let scale = length(fraction)? - trailing - i64::from(exponent);
        let count = length(digits)? + (-scale).max(0);
        let most = if scale > 0 { MAX_DIGITS } else { MAX_INTEGER_DIGITS };
        if digits.is_empty() || count > most || scale > MAX_FRACTION_DIGITS {
            return Err(NotExchangeRate);
        }
        let zeros = u32::try_from((-scale).max(0)).map_err(|_| NotExchangeRate)?;
        let digits: i64 = digits.parse().map_err(|_| NotExchangeRate)?;
        let digits = digits * 10_i64.pow(zeros);
        let scale = u32::try_from(scale.max(0)).map_err(|_| NotExchangeRate)?;
        (digits <= MAX_AMOUNT).then_some(Self { digits, scale }).ok_or(NotExchangeRate)
    }
}

impl fmt::Display for ExchangeRate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { digits, scale: 0 } = self else {
            let scale = usize::try_from(self.scale).unwrap_or_default();
            let all = format!("{:0>width$}", self.digits, width = scale + 1);
            let (whole, fraction) = all.split_at(all.len() - scale);
            return write!(f, "{whole}.{fraction}");
        };
        fmt::Display::fmt(digits, f)
    }
}

impl Serialize for ExchangeRate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json_number::serialize(self, (self.scale == 0).then_some(self.digits), serializer)
    }
}

impl JsonNumber for ExchangeRate {
    fn of_integer(integer: i64) -> Option<Self> {
        (1..=MAX_AMOUNT).contains(&integer).then_some(Self { digits: integer, scale: 0 })
    }
}

impl<'de> Deserialize<'de> for ExchangeRate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json_number::deserialize(deserializer)
    }
}

#[cfg(not(target_family = "wasm"))]
impl schemars::JsonSchema for ExchangeRate {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "ExchangeRate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "exclusiveMinimum": 0 })
    }
}

#[cfg(not(target_family = "wasm"))]
impl utoipa::PartialSchema for ExchangeRate {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Number)
            .exclusive_minimum(Some(utoipa::Number::Int(0)))
            .into()
    }
}

#[cfg(not(target_family = "wasm"))]
impl utoipa::ToSchema for ExchangeRate {
    fn name() -> Cow<'static, str> {
        "ExchangeRate".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_and_written_exactly() {
        for (text, written) in [
            ("1", "1"),
            ("0.92", "0.92"),
            ("0.920", "0.92"),
            ("150.25", "150.25"),
            ("1.0", "1"),
            ("1000000", "1000000"),
            ("0.00003571", "0.00003571"),
            ("3.571e-05", "0.00003571"),
            ("3.571E-5", "0.00003571"),
            ("0.000000000001", "0.000000000001"),
            ("1e-12", "0.000000000001"),
            ("2.5e+3", "2500"),
            ("123.123456789012", "123.123456789012"),
            ("9007199254740991", "9007199254740991"),
        ] {
            let rate: ExchangeRate = text.parse().unwrap();
            assert_eq!(rate.to_string(), written, "{text}");
            let json = serde_json::to_string(&rate).unwrap();
            for json in [json.as_str(), text] {
                assert_eq!(serde_json::from_str::<ExchangeRate>(json).unwrap(), rate, "{json}");
            }
            // As a client reads it and sends it back.
            assert_eq!(json.parse(), Ok(rate), "{json}");
        }
        for text in [
            "",
            "0",
            "0.0",
            "-1",
            "+1",
            ".5",
            "1.",
            "1e",
            "e5",
            "1e400",
            "1e16",
            "1e-13",
            "0.0000000000001",
            "1234.123456789012",
            "123456789012345.6",
            "9007199254740992",
            "NaN",
            "1,5",
        ] {
            assert_eq!(text.parse::<ExchangeRate>(), Err(NotExchangeRate), "{text}");
        }
        assert!(serde_json::from_str::<ExchangeRate>("\"1\"").is_err());
        assert!(serde_json::from_str::<ExchangeRate>("-0.5").is_err());
    }

    #[test]
    fn a_rate_is_compared_with_an_integer() {
        for (text, is_at_most) in [("1000000", true), ("1000000.01", false), ("0.000000000001", true)] {
            assert_eq!(text.parse::<ExchangeRate>().unwrap().is_at_most(1_000_000), is_at_most, "{text}");
        }
    }
}
