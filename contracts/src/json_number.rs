//! Exact numbers in JSON, which readers of doubles must not change.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserializer, Serializer, de, ser};

/// A number that JSON has by its text.
pub trait JsonNumber: FromStr<Err: Default + Display> {
    /// The number that an integer is, if it is one; the same as that of its text.
    fn of_integer(integer: i64) -> Option<Self>;
}

/// Writes a number: as an integer if it is one, or else as the double that has its digits, which are at most 15.
pub fn serialize<S: Serializer>(
    number: &impl Display,
    integer: Option<i64>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match integer {
        Some(integer) => serializer.serialize_i64(integer),
        None => serializer.serialize_f64(number.to_string().parse().map_err(ser::Error::custom)?),
    }
}

/// Reads a number by its text. The default of its error says what is expected.
pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: JsonNumber,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(Visitor(PhantomData))
}

struct Visitor<T>(PhantomData<T>);

impl<T: JsonNumber> de::Visitor<'_> for Visitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        T::Err::default().fmt(f)
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<T, E> {
        T::of_integer(value).ok_or_else(|| E::invalid_value(de::Unexpected::Signed(value), &self))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<T, E> {
        let number = i64::try_from(value).ok().and_then(T::of_integer);
        number.ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(value), &self))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<T, E> {
        value.to_string().parse().map_err(|_| E::invalid_value(de::Unexpected::Float(value), &self))
    }
}
