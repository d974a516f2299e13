//! A customer, as the API shows it, and the rules of its data.

use serde::Serialize;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::schema::{KnownFormat, SchemaFormat};
use waybill_contracts::CashDiscount;
use waybill_service::rules::Text;
use waybill_service::rules::parties::ElectronicAddress;
use waybill_service::sql::FromRow;
use waybill_service::time::is_date;
use waybill_service::{FieldError, Problem};

/// A customer.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow)]
#[serde(rename_all = "camelCase")]
pub struct Customer {
    /// Text; a `UUIDv7` for customers created by the API.
    pub id: String,
    /// The name of a person or a company.
    pub name: String,
    /// The e-mail address, which no other customer has.
    pub email: String,
    /// Street and number (BT-50).
    pub address: String,
    /// A second line of the address (BT-51).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_line2: Option<String>,
    /// The city (BT-52).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or region (BT-54); without `city`, the city.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The postal code (BT-53), where the country has them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
    /// ISO 3166-1, two letters (BT-55).
    pub country: String,
    /// The VAT identifier, with the prefix of its country (BT-48).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_id: Option<String>,
    /// The number in a register of companies (BT-47).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id: Option<String>,
    /// Which register that is: an ISO 6523 code (ICD), such as `0106` for the Dutch chamber of commerce (BT-47-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_id_scheme: Option<String>,
    /// The contact person (BT-56).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    /// The telephone number (BT-57).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Where electronic documents go (BT-49).
    #[column(json)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub electronic_address: Option<ElectronicAddress>,
    /// The customer's routing reference for invoices (BT-10), such as a Leitweg-ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_reference: Option<String>,
    /// How many days the customer has to pay; without it, the seller's number of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_days: Option<i32>,
    /// The terms of payment in words (BT-20), for orders that have neither terms nor discounts of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<String>,
    /// Discounts for an early payment, for the same orders.
    #[column(json)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cash_discounts: Option<Vec<CashDiscount>>,
    /// The profile by which the customer wants electronic invoices; without it, the strictest one that an invoice satisfies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invoice_profile: Option<String>,
    /// `YYYY-MM-DD`, where it is known.
    pub date_of_birth: Option<String>,
    /// RFC 3339, UTC.
    pub created_at: String,
}

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

/// The rule that a company number breaks whose register stays that of the number before.
pub const REGISTER_RULE: &str = "must be given with the companyId, or be null: the customer has one";

/// The rule that a customer without city and state breaks.
pub const PLACE_RULE: &str = "is required where there is no city";

#[cfg(test)]
mod tests {
    use waybill_service::fields::{Check as _, Given};

    use super::*;

    fn is_valid(check: &Text<String>, text: &str) -> bool {
        check.check(Given::Json(serde_json::from_str(text).unwrap())).is_ok()
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
