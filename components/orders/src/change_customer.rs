//! `PATCH /customers/{id}`

use http::StatusCode;
use serde::Serialize;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::rules::parties::{ElectronicAddress, INVOICE_PROFILE, PAYMENT_DAYS, VAT_ID};
use waybill_service::rules::{COUNTRY, EMAIL, Nullable, Object};
use waybill_service::sql::{SqlError, Statement as _, statement};
use waybill_service::text::LineOfText;
use waybill_service::{FieldError, Fields, Problem, body, endpoint};

use crate::customer::{Customer, DATE, PLACE_RULE, email_is_taken};
use crate::show_customer::{customer_in_path, find};

statement!(ChangeCustomer, "sql/change_customer.sql");

/// What changes of a customer; what is not named stays, and `null` removes a value.
#[derive(Debug, Fields, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::option_option, reason = "a member may be missing, null, or a value")]
pub struct CustomerChange {
    /// The name of a person or a company.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(LineOfText::LONG)]
    name: Option<String>,
    /// The e-mail address, which no other customer has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(EMAIL)]
    email: Option<String>,
    /// Street and number (BT-50).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(LineOfText::LONG)]
    address: Option<String>,
    /// A second line of the address (BT-51).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(LineOfText::LONG))]
    address_line2: Option<Option<String>>,
    /// The city (BT-52).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(LineOfText::LONG))]
    city: Option<Option<String>>,
    /// State or region (BT-54). One of `city` and `state` has to be left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(LineOfText::LONG))]
    state: Option<Option<String>>,
    /// The postal code (BT-53).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(LineOfText::SHORT)]
    zip_code: Option<String>,
    /// ISO 3166-1, two letters (BT-55).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(COUNTRY)]
    country: Option<String>,
    /// The VAT identifier, with the prefix of its country (BT-48). Letters become capitals, and separators are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(VAT_ID), example = "FR40303265045")]
    vat_id: Option<Option<String>>,
    /// The number in a register of companies (BT-47).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(LineOfText::CODE))]
    company_id: Option<Option<String>>,
    /// The contact person (BT-56).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(LineOfText::LONG))]
    contact: Option<Option<String>>,
    /// The telephone number (BT-57).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(LineOfText::CODE))]
    phone: Option<Option<String>>,
    /// Where electronic documents go (BT-49).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(Object::<ElectronicAddress>::new()))]
    electronic_address: Option<Option<ElectronicAddress>>,
    /// The customer's routing reference for invoices (BT-10), such as a Leitweg-ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(LineOfText::LONG))]
    buyer_reference: Option<Option<String>>,
    /// How many days the customer has to pay; without it, the seller's number of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(PAYMENT_DAYS))]
    payment_days: Option<Option<i32>>,
    /// The profile by which the customer wants electronic invoices; without it, the strictest one that an invoice satisfies.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(INVOICE_PROFILE))]
    invoice_profile: Option<Option<String>>,
    /// The date of birth, `YYYY-MM-DD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[rule(Nullable(DATE))]
    date_of_birth: Option<Option<String>>,
}

/// Changes what the request names (JSON Merge Patch, RFC 7396), and leaves the rest.
#[endpoint(
    PATCH "/customers/{id}",
    scope = CustomersWrite,
    text(id),
    conflicts,
    success(200, "The customer as it is now.", Customer),
)]
pub fn change_customer(request: Request<CustomerChange>) -> Result<Response, Problem> {
    let id = customer_in_path(&request)?;
    let (_, body) = body::json(request)?;
    let change = serde_json::to_string(&body.read()?).map_err(|_| Problem::internal())?;
    let row = ChangeCustomer { customer_id: &id, change: &change }.query_one().map_err(refusal)?;
    match (row.is_known, row.is_email_free, row.has_place) {
        (false, ..) => Err(not_found()),
        (true, false, _) => Err(email_is_taken()),
        (true, true, false) => {
            let fault = FieldError { field: "state".into(), rule: PLACE_RULE.into() };
            Err(Problem::invalid_fields(vec![fault]))
        }
        (true, true, true) => Ok(respond::json(StatusCode::OK, &find(&id)?)),
    }
}

/// The address was free when the statement began, and another customer may have taken it since.
fn refusal(error: SqlError) -> Problem {
    if error.violates("customers_email_once") { email_is_taken() } else { error.into() }
}

#[cfg(test)]
mod tests {
    use waybill_service::fields::from_json;

    use super::*;

    /// What a body changes, or the fields at fault.
    fn change(body: &str) -> Result<serde_json::Value, Vec<String>> {
        match from_json::<CustomerChange>(body.as_bytes()) {
            Ok(change) => Ok(serde_json::to_value(change).unwrap()),
            Err(problem) => Err(problem.errors().iter().map(|error| error.field.to_string()).collect()),
        }
    }

    #[test]
    fn what_is_not_named_stays_and_null_removes() {
        for body in [
            "{}",
            r#"{"name":"Jo"}"#,
            r#"{"dateOfBirth":null,"vatId":null,"state":null,"paymentDays":null,"electronicAddress":null}"#,
            r#"{"city":"Berlin","paymentDays":14,"electronicAddress":{"scheme":"0204","id":"991-01234-44"}}"#,
        ] {
            let same: serde_json::Value = serde_json::from_str(body).unwrap();
            assert_eq!(change(body).unwrap(), same);
        }
        assert_eq!(change(r#"{"vatId":"DE 136695976"}"#).unwrap()["vatId"], "DE136695976");
    }

    #[test]
    fn what_is_named_keeps_the_rules() {
        assert_eq!(
            change(
                r#"{"name":null,"country":"xx","vatId":"","electronicAddress":"a","dateOfBirth":"","id":"1"}"#
            )
            .unwrap_err(),
            ["id", "name", "country", "vatId", "electronicAddress", "dateOfBirth"]
        );
    }
}
