//! The rules of fields that several operations have in common.

use std::fmt::Display;
use std::marker::PhantomData;
use std::str::FromStr;

#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::{
    Ref, RefOr, Schema,
    schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type},
};
use uuid::Uuid;
use waybill_contracts::{MAX_AMOUNT, MIN_AMOUNT, is_country, minor_unit_digits};

use crate::faults::Faults;
use crate::fields::{Check, Fields, Given, Rule};
use crate::json;
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
/// A `+` that is not percent-encoded arrives as a space. Before the offset from UTC nothing else can be meant.
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

/// `null`, or what keeps the rule.
pub struct Nullable<C>(pub C);

impl<C: Check> Check for Nullable<C> {
    type Value = Option<C::Value>;

    fn check(&self, given: Given<'_>) -> Result<Self::Value, Faults> {
        match given {
            Given::Json(raw) if raw.get() == "null" => Ok(None),
            given => self.0.check(given).map(Some),
        }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        match self.0.schema() {
            Schema::Object(mut object) => {
                object.schema_type = match object.schema_type {
                    SchemaType::Type(one) => SchemaType::from_iter([one, Type::Null]),
                    other => other,
                };
                Schema::Object(object)
            }
            other => other,
        }
    }
}

/// An array of objects with fields of their own, at least one.
pub struct Items<T> {
    max: usize,
    rule: Rule,
    of: PhantomData<T>,
}

impl<T> Items<T> {
    /// At most `max` of them; `rule` is what an array of another length breaks.
    pub const fn up_to(max: usize, rule: Rule) -> Self {
        Self { max, rule, of: PhantomData }
    }
}

#[cfg(not(target_family = "wasm"))]
trait Item: Fields + utoipa::ToSchema {}

#[cfg(not(target_family = "wasm"))]
impl<T: Fields + utoipa::ToSchema> Item for T {}

#[cfg(target_family = "wasm")]
use Fields as Item;

#[allow(private_bounds, reason = "it is `Fields`, natively with a schema")]
impl<T: Item> Check for Items<T> {
    type Value = Vec<T>;

    fn check(&self, given: Given<'_>) -> Result<Vec<T>, Faults> {
        let elements = given.json().and_then(json::array);
        let elements = elements.filter(|elements| (1..=self.max).contains(&elements.len()));
        let elements = elements.ok_or_else(|| Faults::from(self.rule))?;
        let mut faults = Faults::default();
        let mut items = Vec::with_capacity(elements.len());
        // Each is read to its end, so that all faults are named.
        for (index, element) in elements.into_iter().enumerate() {
            let item = T::from_json(element.get().as_bytes());
            match item.unwrap_or_else(|_| Err("must be an object".into())) {
                Ok(item) => items.push(item),
                Err(fault) => faults.append(fault.within(format!("[{index}]"))),
            }
        }
        if faults.is_empty() { Ok(items) } else { Err(faults) }
    }

    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema {
        let item = Ref::from_schema_name(T::name());
        ArrayBuilder::new().items(item).min_items(Some(1)).max_items(Some(self.max)).into()
    }

    #[cfg(not(target_family = "wasm"))]
    fn schemas(&self, schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into(), T::schema()));
        T::schemas(schemas);
    }
}

pub use object::Object;

mod object;
pub mod parties;

#[cfg(test)]
mod tests;
