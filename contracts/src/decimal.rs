//! Decimal numbers of quantities, prices and rates.

#[cfg(not(target_family = "wasm"))]
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use rust_decimal::{Decimal as Number, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::MAX_AMOUNT;
use crate::json_number::{self, JsonNumber};

/// A decimal number: an integer of at most 9007199254740991, or a number of at most 15 digits, six of them after the point.
///
/// In JSON it is a number. Every such number is the same after it was read as a double, so that no client and no database changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal(Number);

/// The most digits of a number that has a fraction: so many a double keeps.
const MAX_DIGITS: usize = 15;

/// The most digits after the point.
const MAX_FRACTION_DIGITS: u32 = 6;

/// The text is not such a number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotDecimal;

impl fmt::Display for NotDecimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of at most 15 digits, 6 of them after the point, without exponent")
    }
}

impl std::error::Error for NotDecimal {}

impl Decimal {
    /// One.
    pub const ONE: Self = Self(Number::ONE);

    /// Whether it is less than zero.
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// Whether it is zero.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// The number without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// The number as an integer, if it is one.
    pub fn integer(self) -> Option<i64> {
        match self.0.scale() {
            // What most are: the digits are the number.
            0 => i64::try_from(self.0.mantissa()).ok(),
            _ => self.0.is_integer().then(|| i64::try_from(self.0).ok())?,
        }
    }

    /// The product, rounded half away from zero to an integer; `None` if it is too large.
    pub fn times(self, other: Self) -> Option<i64> {
        if let (Some(one), Some(other)) = (self.integer(), other.integer()) {
            let product = i64::try_from(i128::from(one) * i128::from(other)).ok();
            return product.filter(|product| product.unsigned_abs() <= MAX_AMOUNT.unsigned_abs());
        }
        let product = self.0.checked_mul(other.0)?;
        let rounded = product.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        i64::try_from(rounded).ok().filter(|product| product.unsigned_abs() <= MAX_AMOUNT.unsigned_abs())
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The quotient of an integer, rounded to such a number.
    pub fn quotient(of: i64, by: Self) -> Option<Self> {
        let quotient = Number::from(of).checked_div(by.0)?;
        let whole_digits = quotient.trunc().abs().to_string().len();
        let digits = u32::try_from(MAX_DIGITS.saturating_sub(whole_digits)).ok()?.min(MAX_FRACTION_DIGITS);
        quotient
            .round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero)
            .to_string()
            .parse()
            .ok()
    }

    /// Multiplied by a power of ten: the number in units that are so many digits larger (negative) or smaller.
    pub fn shifted(self, digits: i32) -> String {
        let mut number = self.0;
        let scale = i64::from(number.scale()) - i64::from(digits);
        match u32::try_from(scale) {
            Ok(scale) if number.set_scale(scale).is_ok() => number.to_string(),
            _ => (0..digits).fold(number, |number, _| number * Number::TEN).normalize().to_string(),
        }
    }
}

impl From<i64> for Decimal {
    fn from(integer: i64) -> Self {
        Self(integer.into())
    }
}

impl FromStr for Decimal {
    type Err = NotDecimal;

    fn from_str(text: &str) -> Result<Self, NotDecimal> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        // What most numbers are, and what no bound is asked of.
        let is_small_integer =
            (1..=MAX_DIGITS).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        if let (true, Ok(integer)) = (is_small_integer, text.parse::<i64>()) {
            return Ok(integer.into());
        }
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) || text.len() > 40 {
            return Err(NotDecimal);
        }
        let number = Number::from_str_exact(text).map_err(|_| NotDecimal)?.normalize();
        let is_exact =
            number.is_integer() || number.mantissa().unsigned_abs().to_string().len() <= MAX_DIGITS;
        let is_small = number.abs() <= Number::from(MAX_AMOUNT) && number.scale() <= MAX_FRACTION_DIGITS;
        (is_exact && is_small).then_some(Self(number)).ok_or(NotDecimal)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0.normalize(), f)
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json_number::serialize(self, self.integer(), serializer)
    }
}

impl JsonNumber for Decimal {
    fn of_integer(integer: i64) -> Option<Self> {
        (integer.unsigned_abs() <= MAX_AMOUNT.unsigned_abs()).then(|| integer.into())
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        json_number::deserialize(deserializer)
    }
}

#[cfg(not(target_family = "wasm"))]
impl schemars::JsonSchema for Decimal {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number" })
    }
}

#[cfg(not(target_family = "wasm"))]
impl utoipa::PartialSchema for Decimal {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::schema::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::Number)
            .into()
    }
}

#[cfg(not(target_family = "wasm"))]
impl utoipa::ToSchema for Decimal {
    fn name() -> Cow<'static, str> {
        "Decimal".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn a_number_is_read_and_written_exactly() {
        for (text, written) in [
            ("0", "0"),
            ("1.5", "1.5"),
            ("-1", "-1"),
            ("1.50", "1.5"),
            ("0.000001", "0.000001"),
            ("123456789.123456", "123456789.123456"),
            ("9007199254740991", "9007199254740991"),
        ] {
            let number = decimal(text);
            assert_eq!(number.to_string(), written);
            let json = serde_json::to_string(&number).unwrap();
            assert!(json == written || json == "1e-6", "{json}");
            assert_eq!(serde_json::from_str::<Decimal>(&json).unwrap(), number);
            assert_eq!(serde_json::from_str::<Decimal>(text).unwrap(), number);
        }
        for text in [
            "",
            "-",
            ".5",
            "1.",
            "+1",
            "1e3",
            "1,5",
            "0.0000001",
            "9007199254740992",
            "1234567890.123456",
            "NaN",
        ] {
            assert_eq!(text.parse::<Decimal>(), Err(NotDecimal), "{text}");
        }
        assert!(serde_json::from_str::<Decimal>("\"1\"").is_err());
        assert_eq!(serde_json::from_str::<Decimal>("1e3").unwrap(), Decimal::from(1000));
    }

    #[test]
    fn the_half_of_a_product_is_rounded_to_the_greater_amount() {
        assert_eq!(decimal("0.25").times(decimal("1999")), Some(500));
        assert_eq!(decimal("0.5").times(Decimal::ONE), Some(1));
        assert_eq!(decimal("-0.5").times(Decimal::ONE), Some(-1));
        assert_eq!(decimal("0.49").times(Decimal::ONE), Some(0));
        assert_eq!(Decimal::from(MAX_AMOUNT).times(Decimal::ONE), Some(MAX_AMOUNT));
        assert_eq!(Decimal::from(MAX_AMOUNT).times(decimal("1.1")), None);
        assert_eq!(Decimal::from(MAX_AMOUNT).times(Decimal::from(MAX_AMOUNT)), None);
    }

    #[test]
    fn a_quotient_is_rounded() {
        assert_eq!(Decimal::quotient(3, decimal("2")), Some(decimal("1.5")));
        assert_eq!(Decimal::quotient(1, decimal("3")), Some(decimal("0.333333")));
        assert_eq!(Decimal::quotient(1_000_000_000_000, decimal("3")), Some(decimal("333333333333.333")));
        assert_eq!(Decimal::quotient(1, Decimal::default()), None);
    }

    #[test]
    fn a_number_is_shifted_to_another_unit() {
        assert_eq!(decimal("28.75").shifted(-2), "0.2875");
        assert_eq!(decimal("1").shifted(-2), "0.01");
        assert_eq!(decimal("1999").shifted(0), "1999");
        assert_eq!(decimal("1.5").shifted(2), "150");
        assert_eq!(decimal("1.2345").shifted(2), "123.45");
    }
}
