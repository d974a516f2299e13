//! `PATCH /customers/{id}`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::rules::{COUNTRY, EMAIL, Nullable};
use waybill_service::sql::{SqlError, Statement as _, statement};
use waybill_service::text::LineOfText;
use waybill_service::{Fields, Problem, body, endpoint};

use crate::customer::{Customer, DATE, email_is_taken};
use crate::show_customer::{customer_in_path, find};

statement!(ChangeCustomer, "sql/change_customer.sql");

/// What changes of a customer; what is not named stays.
#[derive(Debug, Fields)]
pub struct CustomerChange {
    /// The name of a person or a company.
    #[rule(LineOfText::LONG)]
    name: Option<String>,
    /// The e-mail address, which no other customer has.
    #[rule(EMAIL)]
    email: Option<String>,
    /// Street and number.
    #[rule(LineOfText::LONG)]
    address: Option<String>,
    /// City, state or region.
    #[rule(LineOfText::LONG)]
    state: Option<String>,
    /// The postal code.
    #[rule(LineOfText::SHORT)]
    zip_code: Option<String>,
    /// ISO 3166-1, two letters.
    #[rule(COUNTRY)]
    country: Option<String>,
    /// `null` removes it.
    #[rule(Nullable(DATE))]
    #[allow(clippy::option_option, reason = "it may be missing, null, or a date")]
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
    let new = body.read()?;
    let change = ChangeCustomer {
        customer_id: &id,
        name: new.name.as_deref(),
        email: new.email.as_deref(),
        address: new.address.as_deref(),
        state: new.state.as_deref(),
        zip_code: new.zip_code.as_deref(),
        country: new.country.as_deref(),
        date_of_birth: new.date_of_birth(),
    };
    let row = change.query_one().map_err(refusal)?;
    match (row.is_known, row.is_changed) {
        (false, _) => Err(not_found()),
        (true, false) => Err(email_is_taken()),
        (true, true) => Ok(respond::json(StatusCode::OK, &find(&id)?)),
    }
}

/// The address was free when the statement began, and another customer may have taken it since.
fn refusal(error: SqlError) -> Problem {
    if error.violates("customers_email_once") { email_is_taken() } else { error.into() }
}

impl CustomerChange {
    /// The new date; the empty text for one that is removed, `None` for one that stays.
    fn date_of_birth(&self) -> Option<&str> {
        self.date_of_birth.as_ref().map(|date| date.as_deref().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use waybill_service::fields::from_json;

    use super::*;

    fn texts(body: &str) -> Result<Vec<Option<String>>, Vec<String>> {
        match from_json::<CustomerChange>(body.as_bytes()) {
            Ok(change) => {
                let date_of_birth = change.date_of_birth().map(str::to_owned);
                let CustomerChange { name, email, address, state, zip_code, country, .. } = change;
                Ok(vec![name, email, address, state, zip_code, country, date_of_birth])
            }
            Err(problem) => Err(problem.errors().iter().map(|error| error.field.to_string()).collect()),
        }
    }

    #[test]
    fn what_is_not_named_stays() {
        assert_eq!(texts("{}").unwrap(), vec![None; 7]);
        assert_eq!(texts(r#"{"name":"Jo"}"#).unwrap()[0].as_deref(), Some("Jo"));
        assert_eq!(texts(r#"{"dateOfBirth":null}"#).unwrap()[6].as_deref(), Some(""));
    }

    #[test]
    fn what_is_named_keeps_the_rules() {
        assert_eq!(
            texts(r#"{"name":null,"country":"xx","dateOfBirth":"","id":"1"}"#).unwrap_err(),
            ["id", "name", "country", "dateOfBirth"]
        );
    }
}
