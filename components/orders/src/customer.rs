//! A customer, as the API shows it, and the rules of its data.

use std::borrow::Cow;

use serde::Serialize;
use waybill_contracts::is_country;
use waybill_service::fields::Rule;
use waybill_service::json::{self, RawValue};
use waybill_service::sql::FromRow;
use waybill_service::text::LineOfText;
use waybill_service::time::is_date;
use waybill_service::{FieldError, Problem};

/// A customer.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Text; of customers that were made by the API a `UUIDv7`.
    pub id: String,
    /// The name of a person or a company.
    pub name: String,
    /// The e-mail address, which no other customer has.
    pub email: String,
    /// Street and number.
    pub address: String,
    /// City, state or region.
    pub state: String,
    /// The postal code.
    pub zip_code: String,
    /// ISO 3166-1, two letters.
    pub country: String,
    /// `YYYY-MM-DD`, where it is known.
    pub date_of_birth: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
}

/// The members of a customer that a client gives, in the order of the columns.
pub const MEMBERS: [&str; 7] = ["name", "email", "address", "state", "zipCode", "country", "dateOfBirth"];

/// A name, an address or the like.
pub fn words(value: &RawValue) -> Result<Cow<'_, str>, Rule> {
    LineOfText::LONG.read(value)
}

/// A postal code.
pub fn zip_code(value: &RawValue) -> Result<Cow<'_, str>, Rule> {
    LineOfText::SHORT.read(value)
}

/// An e-mail address (RFC 5321).
pub fn email(value: &RawValue) -> Result<Cow<'_, str>, Rule> {
    json::string(value)
        .filter(|address| email_address::EmailAddress::is_valid(address))
        .ok_or("must be an e-mail address, such as jo@example.com")
}

/// An ISO 3166-1 code.
pub fn country(value: &RawValue) -> Result<Cow<'_, str>, Rule> {
    json::string(value)
        .filter(|code| is_country(code))
        .ok_or("must be the ISO 3166-1 code of a country, two letters in upper case, such as \"DE\"")
}

/// A date.
pub fn date_of_birth(value: &RawValue) -> Result<Cow<'_, str>, Rule> {
    json::string(value)
        .filter(|date| is_date(date))
        .ok_or("must be a date from 0001-01-01 to 9999-12-31, such as \"1990-12-31\"")
}

/// The check of a member of [`MEMBERS`].
pub fn check_of(member: usize) -> for<'a> fn(&'a RawValue) -> Result<Cow<'a, str>, Rule> {
    [words, email, words, words, zip_code, country, date_of_birth][member]
}

/// 409: two customers never have the same e-mail address, however it is capitalised.
pub fn email_is_taken() -> Problem {
    Problem::conflict_of(FieldError { field: "email".into(), rule: "belongs to another customer".into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> &RawValue {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn an_email_address_is_checked() {
        for text in [r#""jo@example.com""#, r#""Jo.Doe+x@mail.example""#, r#""jö@exämple.de""#] {
            assert!(email(raw(text)).is_ok(), "{text}");
        }
        for text in
            [r#""""#, r#""jo""#, r#""@example.com""#, r#""jo@""#, r#""a@b@c""#, r#""jo@example.com\n""#, "1"]
        {
            assert!(email(raw(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_country_is_an_assigned_code() {
        assert_eq!(country(raw(r#""DE""#)).unwrap(), "DE");
        for text in [r#""Germany""#, r#""de""#, r#""XX""#, "null"] {
            assert!(country(raw(text)).is_err(), "{text}");
        }
    }

    #[test]
    fn a_date_of_birth_exists() {
        for text in [r#""1990-12-31""#, r#""2024-02-29""#] {
            assert!(date_of_birth(raw(text)).is_ok(), "{text}");
        }
        for text in [
            r#""2023-02-29""#,
            r#""1990-13-01""#,
            r#""31.12.1990""#,
            r#""0000-12-31""#,
            r#""1990-12-31T00:00:00Z""#,
            "1990",
        ] {
            assert!(date_of_birth(raw(text)).is_err(), "{text}");
        }
    }
}
