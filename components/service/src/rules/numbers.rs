//! Rules of numbers.

use std::fmt::Display;
use std::str::FromStr;

#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::{
    Schema,
    schema::{ObjectBuilder, Type},
};
use waybill_contracts::{Decimal, ExchangeRate, MAX_AMOUNT, MIN_AMOUNT, NotDecimal, NotExchangeRate};

use crate::faults::Faults;
use crate::fields::{Check, Given};

/// An integer in a range, written without fraction or exponent.
pub struct Integer<T = i64> {
    min: T,
    max: T,
    kind: &'static str,
    note: &'static str,
}

/// An amount in minor units.
pub const AMOUNT: Integer = Integer::minor_units(MIN_AMOUNT);

impl<T> Integer<T> {
    /// From `min` to `max`.
    pub const fn new(min: T, max: T) -> Self {
        Self { min, max, kind: "an integer", note: ", without fraction or exponent" }
    }

    /// With what is counted, and a note that ends the rule.
    #[must_use]
    pub const fn of(self, kind: &'static str, note: &'static str) -> Self
    where
        T: Copy,
    {
        Self { kind, note, ..self }
    }
}

impl Integer {
    /// Minor units of a currency, from `min` on.
    pub const fn minor_units(min: i64) -> Self {
        let kind = "an integer of minor units (such as cents)";
        Self { kind, ..Self::new(min, MAX_AMOUNT) }
    }
}

impl<T: Copy + Display + FromStr + Into<i64> + PartialOrd> Check for Integer<T> {
    type Value = T;

    fn check(&self, given: Given<'_>) -> Result<T, Faults> {
        let Self { min, max, kind, note } = self;
        // An integer that does not fit its type is out of range as well.
        given
            .integer()
            .filter(|number| (min..=max).contains(&number))
            .ok_or_else(|| format!("must be {kind} from {min} to {max}{note}").into())
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
        let (min, max): (i64, i64) = (self.min.into(), self.max.into());
        let format = if max > i64::from(i32::MAX) { KnownFormat::Int64 } else { KnownFormat::Int32 };
        let number = |value| usize::try_from(value).expect("a bound is not negative");
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .format(Some(SchemaFormat::KnownFormat(format)))
            .minimum(Some(number(min)))
            .maximum(Some(number(max)))
            .into()
    }
}

/// A decimal number in a range, which may have to be other than zero.
pub struct Number {
    min: i64,
    max: i64,
    is_zero_allowed: bool,
}

impl Number {
    /// From `min` to `max`.
    pub const fn new(min: i64, max: i64) -> Self {
        Self { min, max, is_zero_allowed: true }
    }

    /// Other than zero.
    #[must_use]
    pub const fn not_zero(self) -> Self {
        Self { is_zero_allowed: false, ..self }
    }
}

impl Check for Number {
    type Value = Decimal;

    fn check(&self, given: Given<'_>) -> Result<Decimal, Faults> {
        let Self { min, max, is_zero_allowed } = *self;
        let text = match given {
            Given::Json(raw) => raw.get(),
            Given::Parameter(text) => text,
        };
        let in_range = |number: &Decimal| {
            (Decimal::from(min)..=Decimal::from(max)).contains(number)
                && (is_zero_allowed || !number.is_zero())
        };
        text.parse().ok().filter(in_range).ok_or_else(|| {
            let not_zero = if is_zero_allowed { "" } else { " and not 0" };
            format!("must be {NotDecimal}, from {min} to {max}{not_zero}").into()
        })
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        #[allow(clippy::cast_precision_loss, reason = "the bounds are small, or exact as doubles")]
        let bound = |value: i64| Some(utoipa::Number::Float(value as f64));
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(bound(self.min))
            .maximum(bound(self.max))
            .into()
    }
}

/// An exchange rate up to this one.
pub struct Rate {
    /// An integer.
    pub max: i64,
}

impl Check for Rate {
    type Value = ExchangeRate;

    fn check(&self, given: Given<'_>) -> Result<ExchangeRate, Faults> {
        let max = self.max;
        let text = match given {
            Given::Json(raw) => raw.get(),
            Given::Parameter(text) => text,
        };
        let rate = text.parse().ok().filter(|rate: &ExchangeRate| rate.is_at_most(max));
        rate.ok_or_else(|| format!("must be {NotExchangeRate}, and at most {max}").into())
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        #[allow(clippy::cast_precision_loss, reason = "the bound is small")]
        let max = self.max as f64;
        ObjectBuilder::new()
            .schema_type(Type::Number)
            .exclusive_minimum(Some(utoipa::Number::Float(0.0)))
            .maximum(Some(utoipa::Number::Float(max)))
            .into()
    }
}

/// `true` or `false`.
pub struct Flag;

impl Check for Flag {
    type Value = bool;

    fn check(&self, given: Given<'_>) -> Result<bool, Faults> {
        match given {
            Given::Json(raw) if raw.get() == "true" => Ok(true),
            Given::Json(raw) if raw.get() == "false" => Ok(false),
            _ => Err("must be true or false".into()),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        ObjectBuilder::new().schema_type(Type::Boolean).into()
    }
}
