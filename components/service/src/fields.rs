//! The fields of a request: the members of a JSON object, or the parameters of a query.
//!
//! [`derive@Fields`] makes of one struct what is read, what is checked and what the OpenAPI document says:
//!
//! ```
//! use waybill_service::Fields;
//! use waybill_service::fields::from_json;
//! use waybill_service::rules::{CURRENCY, Integer};
//! use waybill_service::text::LineOfText;
//!
//! /// What is sold.
//! #[derive(Debug, Fields)]
//! struct Article {
//!     /// What it is called.
//!     #[rule(LineOfText::LONG)]
//!     name: String,
//!     #[rule(Integer::new(1, 100))]
//!     pieces: Option<i64>,
//!     #[rule(CURRENCY, default = "EUR")]
//!     currency: String,
//! }
//!
//! let article: Article = from_json(br#"{"name":"Pen"}"#).unwrap();
//! assert_eq!((article.name.as_str(), article.pieces, article.currency.as_str()), ("Pen", None, "EUR"));
//!
//! let problem = from_json::<Article>(br#"{"pieces":0,"currency":"eur","color":"red"}"#).unwrap_err();
//! let fields: Vec<&str> = problem.errors().iter().map(|error| error.field.as_ref()).collect();
//! assert_eq!(fields, ["color", "name", "pieces", "currency"]);
//! ```

use std::borrow::Cow;
use std::str::FromStr;

use serde_json::value::RawValue;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::{RefOr, Schema};

use crate::Problem;
use crate::faults::Faults;
use crate::json::{self, Unreadable};

/// The rule that a value breaks, as the end of a sentence that starts with the field's name.
pub type Rule = &'static str;

/// Fields that are read together, so that the faults of all of them are reported at once.
pub trait Fields: Sized {
    /// Reads a JSON object. Repeated and unknown members are faults.
    fn from_json(body: &[u8]) -> Result<Result<Self, Faults>, Unreadable>;

    /// Reads a query. Repeated and unknown parameters are faults.
    fn from_query(query: Option<&str>) -> Result<Self, Faults>;
}

/// Reads a request's body: 400 if it is not JSON, 422 if it is not an object or a field breaks a rule.
pub fn from_json<T: Fields>(body: &[u8]) -> Result<T, Problem> {
    Ok(T::from_json(body)??)
}

/// The rule of a field.
pub trait Check {
    /// What a field that keeps the rule is read as.
    type Value;

    /// Reads a value, or returns what is wrong with it.
    fn check(&self, given: Given<'_>) -> Result<Self::Value, Faults>;

    /// The rule in the words of JSON Schema.
    #[cfg(not(target_family = "wasm"))]
    fn schema(&self) -> Schema;

    /// The schemas that this one refers to.
    #[cfg(not(target_family = "wasm"))]
    fn schemas(&self, _: &mut Vec<(String, RefOr<Schema>)>) {}
}

/// A value as the client wrote it. `null` is a value, which breaks most rules.
#[derive(Clone, Copy, Debug)]
pub enum Given<'a> {
    /// The value of a member of a JSON object.
    Json(&'a RawValue),
    /// The decoded value of a query parameter.
    Parameter(&'a str),
}

impl<'a> Given<'a> {
    /// The text that the value is.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Json(raw) => json::string(raw),
            Self::Parameter(text) => Some(text.into()),
        }
    }

    /// The integer that the value is written as.
    ///
    /// `5000.0` and `5e3` are none, although they equal one: who writes them computes with floats, and what is rounded there
    /// cannot be seen here.
    pub fn integer<T: FromStr>(self) -> Option<T> {
        match self {
            Self::Json(raw) => raw.get().parse().ok(),
            // The parser would also take a plus sign.
            Self::Parameter(text) if text.starts_with(|first: char| first.is_ascii_digit()) => {
                text.parse().ok()
            }
            Self::Parameter(_) => None,
        }
    }

    /// The JSON value.
    pub fn json(self) -> Option<&'a RawValue> {
        match self {
            Self::Json(raw) => Some(raw),
            Self::Parameter(_) => None,
        }
    }
}
