//! A customer, as the API shows it, and the rules of its data.

use serde::Serialize;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
use waybill_contracts::is_country;
use waybill_service::rules::Text;
use waybill_service::sql::FromRow;
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

/// An e-mail address (RFC 5321).
pub const EMAIL: Text<String> = Text {
    rule: "must be an e-mail address, such as jo@example.com",
    read: |address| Some(address.to_owned()).filter(|address| email_address::EmailAddress::is_valid(address)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Email))),
};

/// An ISO 3166-1 code.
pub const COUNTRY: Text<String> = Text {
    rule: "must be the ISO 3166-1 code of a country, two letters in upper case, such as \"DE\"",
    read: |code| Some(code.to_owned()).filter(|code| is_country(code)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.enum_values(Some(waybill_contracts::countries())),
};

/// A date.
pub const DATE: Text<String> = Text {
    rule: "must be a date from 0001-01-01 to 9999-12-31, such as \"1990-12-31\"",
    read: |date| Some(date.to_owned()).filter(|date| is_date(date)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.format(Some(SchemaFormat::KnownFormat(KnownFormat::Date))),
};

/// 409: two customers never have the same e-mail address, however it is capitalized.
pub fn email_is_taken() -> Problem {
    Problem::conflict_of(FieldError { field: "email".into(), rule: "belongs to another customer".into() })
}

#[cfg(test)]
mod tests {
    use waybill_service::fields::{Check as _, Given};

    use super::*;

    fn is_valid(check: &Text<String>, text: &str) -> bool {
        check.check(Given::Json(serde_json::from_str(text).unwrap())).is_ok()
    }

    #[test]
    fn an_email_address_is_checked() {
        for text in [r#""jo@example.com""#, r#""Jo.Doe+x@mail.example""#, r#""jö@exämple.de""#] {
            assert!(is_valid(&EMAIL, text), "{text}");
        }
        for text in
            [r#""""#, r#""jo""#, r#""@example.com""#, r#""jo@""#, r#""a@b@c""#, r#""jo@example.com\n""#, "1"]
        {
            assert!(!is_valid(&EMAIL, text), "{text}");
        }
    }

    #[test]
    fn a_country_is_an_assigned_code() {
        assert!(is_valid(&COUNTRY, r#""DE""#));
        for text in [r#""Germany""#, r#""de""#, r#""XX""#, "null"] {
            assert!(!is_valid(&COUNTRY, text), "{text}");
        }
    }

    #[test]
    fn a_date_of_birth_exists() {
        for text in [r#""1990-12-31""#, r#""2024-02-29""#] {
            assert!(is_valid(&DATE, text), "{text}");
        }
        for text in [
            r#""2023-02-29""#,
            r#""1990-13-01""#,
            r#""31.12.1990""#,
            r#""0000-12-31""#,
            r#""1990-12-31T00:00:00Z""#,
            "1990",
        ] {
            assert!(!is_valid(&DATE, text), "{text}");
        }
    }
}
