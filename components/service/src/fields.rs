//! The rules of the fields that requests and events have in common.
//!
//! Every check returns the rule that was broken, as the end of a sentence that starts with the field's name; an API
//! operation collects them in [`Faults`], the reader of an event stops at the first.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use serde_json::value::RawValue;
use uuid::Uuid;
use waybill_contracts::{MAX_AMOUNT, MIN_AMOUNT, minor_unit_digits};

use crate::text::LineOfText;
use crate::{FieldError, Problem, json};

/// The rule that a value broke.
pub type Rule = &'static str;

/// A value that must be there.
pub fn required<'a, T>(
    value: Option<&'a RawValue>,
    check: impl FnOnce(&'a RawValue) -> Result<T, Rule>,
) -> Result<T, Rule> {
    value.map_or(Err("is required"), check)
}

/// A value that may be missing. `null` is not missing: it is a value that breaks the rule.
pub fn optional<'a, T>(
    value: Option<&'a RawValue>,
    default: T,
    check: impl FnOnce(&'a RawValue) -> Result<T, Rule>,
) -> Result<T, Rule> {
    value.map_or(Ok(default), check)
}

/// An amount in minor units.
///
/// `5000.0` and `5e3` are refused although they equal an integer: whoever writes them computes with floats, and what is
/// rounded there cannot be seen here.
pub fn amount(value: &RawValue) -> Result<i64, Rule> {
    const RULE: Rule = "must be an integer of minor units (such as cents) from 1 to 9007199254740991, without fraction or exponent";
    // An integer that does not fit i64 is out of range as well.
    integer(value, MIN_AMOUNT..=MAX_AMOUNT, RULE)
}

/// An ISO 4217 code of an active currency.
pub fn currency(value: &RawValue) -> Result<Cow<'_, str>, Rule> {
    json::string(value)
        .filter(|code| minor_unit_digits(code).is_some())
        .ok_or("must be the ISO 4217 code of an active currency, in upper case, such as \"EUR\"")
}

/// A customer's identifier.
pub fn customer_id(value: &RawValue) -> Result<Cow<'_, str>, Rule> {
    LineOfText::LONG.read(value)
}

/// A customer's identifier in an address.
pub fn customer_id_text(id: &str) -> Result<(), Rule> {
    LineOfText::LONG.check(id)
}

/// An integer that is written as one: `5.0` and `5e0` are refused.
pub fn integer(value: &RawValue, range: RangeInclusive<i64>, rule: Rule) -> Result<i64, Rule> {
    value.get().parse().ok().filter(|number| range.contains(number)).ok_or(rule)
}

/// An identifier in the one spelling that we write: 36 characters with hyphens. Upper case is read, too.
pub fn uuid(text: &str) -> Result<Uuid, Rule> {
    const RULE: Rule = "must be a UUID of 36 characters, such as 019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d";
    // Without the check of the length, the parser would also take braces, a URN, and digits without hyphens.
    if text.len() == 36 { Uuid::try_parse(text).map_err(|_| RULE) } else { Err(RULE) }
}

/// What is wrong with a request, collected so that the client learns of everything at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// Notes that a field broke a rule.
    pub fn add(&mut self, field: impl Into<Cow<'static, str>>, rule: Rule) {
        self.0.push(FieldError { field: field.into(), rule: rule.into() });
    }

    /// The value of a check, or a note of the rule that was broken.
    pub fn note<T>(&mut self, field: impl Into<Cow<'static, str>>, checked: Result<T, Rule>) -> Option<T> {
        checked.map_err(|rule| self.add(field, rule)).ok()
    }

    /// 422 when anything was noted.
    pub fn refuse_any(self) -> Result<(), Problem> {
        if self.0.is_empty() { Ok(()) } else { Err(Problem::invalid_fields(self.0)) }
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        Self::invalid_fields(faults.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_amount_is_an_integer_from_1_to_2_pow_53_minus_1() {
        for (text, value) in [("1", 1), ("5000", 5000), ("9007199254740991", MAX_AMOUNT)] {
            assert_eq!(amount(raw(text)), Ok(value));
        }
        for text in [
            "0",
            "-0",
            "-1",
            "-5000",
            "9007199254740992",
            "9223372036854775807",
            "9223372036854775808",
            "100000000000000000000000000000000000000000",
            "1e400",
            "5000.5",
            "5000.0",
            "5e3",
            "5E3",
            "0.1",
            "\"5000\"",
            "\"\"",
            "null",
            "true",
            "false",
            "[]",
            "[5000]",
            "{}",
        ] {
            assert!(amount(raw(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_currency_is_an_active_code_in_upper_case() {
        assert_eq!(currency(raw("\"EUR\"")).unwrap(), "EUR");
        assert_eq!(currency(raw("\"\\u0045UR\"")).unwrap(), "EUR");
        for text in
            ["\"eur\"", "\"EURO\"", "\"XXX\"", "\"DEM\"", "\"\"", "\"EU\\u0000\"", "978", "null", "[\"EUR\"]"]
        {
            assert!(currency(raw(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_customer_id_is_a_bounded_string_that_a_database_can_keep() {
        assert_eq!(customer_id(raw("\"1651654165\"")).unwrap(), "1651654165");
        assert_eq!(customer_id(raw("\"Zoë\"")).unwrap(), "Zoë");
        assert!(customer_id(raw(&format!("\"{}\"", "é".repeat(255)))).is_ok());
        assert!(customer_id(raw(&format!("\"{}\"", "é".repeat(256)))).is_err());
        for text in ["1651654165", "\"\"", "\"a\\u0000\"", "\"a\\nb\"", "\"\\ud800\"", "null", "{}"] {
            assert!(customer_id(raw(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_uuid_has_one_spelling() {
        assert!(uuid("019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d").is_ok());
        assert!(uuid("019A3C6E-7B1F-7C4E-9D55-0C2F5A1B2C3D").is_ok());
        for text in [
            "",
            "1",
            "019a3c6e7b1f7c4e9d550c2f5a1b2c3d",
            "{019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d}",
            "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3g",
            "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d ",
        ] {
            assert!(uuid(text).is_err(), "{text}");
        }
    }
}
