//! The rules of fields that several operations have in common.

pub mod account;
mod numbers;
pub mod parties;
mod structures;

pub use numbers::{AMOUNT, Flag, Integer, Number, Rate};
pub use structures::{Items, Nullable, Object};
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::{
    Schema,
    schema::{ObjectBuilder, Type},
};
use uuid::Uuid;
use waybill_contracts::{is_country, minor_unit_digits};

use crate::faults::Faults;
use crate::fields::{Check, Given, Rule};
use crate::time::Moment;

/// A text that is read by a function.
pub struct Text<T> {
    /// The rule, as the end of a sentence that starts with the field.
    pub rule: Rule,
    /// Reads the text; `None` if it breaks the rule.
    pub read: fn(&str) -> Option<T>,
    /// Adds the rule to the schema of a string.
    #[cfg(not(target_family = "wasm"))]
    pub schema: fn(ObjectBuilder) -> ObjectBuilder,
}

impl<T> Check for Text<T> {
    type Value = T;

    fn check(&self, given: Given<'_>) -> Result<T, Faults> {
        given.text().and_then(|text| (self.read)(&text)).ok_or_else(|| self.rule.into())
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        (self.schema)(ObjectBuilder::new().schema_type(Type::String)).into()
    }
}

/// The code of an active currency.
pub const CURRENCY: Text<String> = Text {
    rule: "must be the ISO 4217 code of an active currency, in upper case, such as \"EUR\"",
    read: |code| minor_unit_digits(code).map(|_| code.to_owned()),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.enum_values(Some(waybill_contracts::currencies())),
};

/// An e-mail address (RFC 5321).
pub const EMAIL: Text<String> = Text {
    rule: "must be an e-mail address, such as jo@example.com",
    read: |address| Some(address.to_owned()).filter(|address| email_address::EmailAddress::is_valid(address)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
        schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
    },
};

/// An ISO 3166-1 code.
pub const COUNTRY: Text<String> = Text {
    rule: "must be the ISO 3166-1 code of a country, two letters in upper case, such as \"DE\"",
    read: |code| Some(code.to_owned()).filter(|code| is_country(code)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.enum_values(Some(waybill_contracts::countries())),
};

/// An identifier.
pub const UUID: Text<Uuid> = Text {
    rule: "must be a UUID of 36 characters, such as 019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d",
    read: uuid,
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some(UUID_PATTERN)),
};

#[cfg(not(target_family = "wasm"))]
pub(crate) const UUID_PATTERN: &str = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$";

/// A point in time, in a query.
///
/// A `+` that is not percent-encoded arrives as a space. A space before the offset from UTC can mean nothing else.
pub struct QueryTimestamp;

impl Check for QueryTimestamp {
    type Value = Moment;

    fn check(&self, given: Given<'_>) -> Result<Moment, Faults> {
        let Given::Parameter(text) = given else { return TIMESTAMP.check(given) };
        let offset = text.len().checked_sub("+00:00".len());
        match offset.filter(|offset| text.get(*offset..=*offset) == Some(" ")) {
            Some(offset) => {
                let (time, offset) = text.split_at(offset);
                TIMESTAMP.check(Given::Parameter(&format!("{time}+{}", &offset[1..])))
            }
            None => TIMESTAMP.check(given),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        TIMESTAMP.schema()
    }
}

/// A point in time.
pub const TIMESTAMP: Text<Moment> = Text {
    rule: "must be a time of RFC 3339, such as 2026-01-31T00:00:00Z",
    read: Moment::read,
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| {
        use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
        schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
    },
};

/// Parses an identifier in the one spelling that we write: 36 characters with hyphens. Upper case is read, too.
pub fn uuid(text: &str) -> Option<Uuid> {
    // Without the check of the length, the parser would also take braces, a URN, and digits without hyphens.
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}

/// One of a few words.
pub struct OneOf(pub &'static [&'static str]);

impl Check for OneOf {
    type Value = &'static str;

    fn check(&self, given: Given<'_>) -> Result<&'static str, Faults> {
        let text = given.text();
        let word = text.and_then(|text| self.0.iter().find(|word| **word == text));
        word.copied().ok_or_else(|| match self.0 {
            [words @ .., last] => format!("must be {} or {last}", words.join(", ")).into(),
            [] => "must be left out".into(),
        })
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(self.0.iter().copied())).into()
    }
}

#[cfg(test)]
mod tests;
