//! `PATCH /customers/{id}`

use http::StatusCode;
use waybill_parties::postal_code;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::no_such;
use waybill_service::sql::{SqlError, Statement as _, statement};
use waybill_service::{FieldError, Problem, body, endpoint};

use crate::create_customer::CustomerChange;
use crate::customer::{Customer, PLACE_RULE, REGISTER_RULE, email_is_taken};
use crate::show_customer::{customer_in_path, find};

statement!(ChangeCustomer, "sql/change_customer.sql");

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
    let change = serde_json::to_string(&body.read()?.checked()?).map_err(|_| Problem::internal())?;
    let changed = ChangeCustomer { customer_id: &id, change: &change, without_zip: postal_code::WITHOUT };
    let row = changed.query_one().map_err(refusal)?;
    let refused = |field: &'static str, rule: &'static str| {
        Err(Problem::invalid_fields(vec![FieldError { field: field.into(), rule: rule.into() }]))
    };
    match row {
        _ if !row.is_known => Err(no_such("customer", id)),
        _ if !row.is_email_free => Err(email_is_taken()),
        _ if !row.has_place => refused("state", PLACE_RULE),
        _ if !row.has_zip_code => refused("zipCode", postal_code::RULE),
        _ if !row.is_registered => refused("companyIdScheme", REGISTER_RULE),
        _ => Ok(respond::json(StatusCode::OK, &find(&id)?)),
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
        match from_json::<CustomerChange>(body.as_bytes()).and_then(CustomerChange::checked) {
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
            r#"{"companyId":"12345678","companyIdScheme":"0106"}"#,
            r#"{"companyId":"HRB 1","companyIdScheme":null}"#,
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
        assert_eq!(change(r#"{"zipCode":null,"country":"DE"}"#).unwrap_err(), ["zipCode"]);
        assert!(
            change(r#"{"zipCode":null,"country":"HK"}"#).is_ok() && change(r#"{"zipCode":null}"#).is_ok()
        );
        for body in [
            r#"{"companyId":"1234567","companyIdScheme":"0106"}"#,
            r#"{"companyId":null,"companyIdScheme":"0106"}"#,
        ] {
            assert_eq!(change(body).unwrap_err(), ["companyId"], "{body}");
        }
    }
}
