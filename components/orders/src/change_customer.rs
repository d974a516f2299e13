//! `PATCH /customers/{id}`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::rules::Nullable;
use waybill_service::sql::{SqlError, Value};
use waybill_service::text::LineOfText;
use waybill_service::{Fields, Problem, body, endpoint, sql as database};

use crate::customer::{COUNTRY, Customer, DATE, EMAIL, email_is_taken};
use crate::show_customer::{customer_in_path, find};
use crate::sql::CHANGE_CUSTOMER;

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
    /// `null` takes it away.
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
    let mut parameters = vec![database::text(id.as_str())];
    parameters.extend(body.read()?.parameters());
    let mut row = database::query_one(&CHANGE_CUSTOMER, &parameters).map_err(refusal)?;
    let (is_known, is_changed) = (row.boolean()?, row.boolean()?);
    match (is_known, is_changed) {
        (false, _) => Err(not_found()),
        (true, false) => Err(email_is_taken()),
        (true, true) => Ok(respond::json(StatusCode::OK, &find(&id)?)),
    }
}

/// What a statement's error means: the address was free when the statement began, and another customer got it since.
fn refusal(error: SqlError) -> Problem {
    if error.violates("customers_email_once") { email_is_taken() } else { error.into() }
}

impl CustomerChange {
    /// The new values in the order of the columns: null for what stays, and the empty text for a date of birth that goes.
    fn parameters(self) -> [Value; 7] {
        let date_of_birth = self.date_of_birth.map(Option::unwrap_or_default);
        [self.name, self.email, self.address, self.state, self.zip_code, self.country, date_of_birth]
            .map(database::optional_text)
    }
}

#[cfg(test)]
mod tests {
    use waybill_service::fields::from_json;

    use super::*;

    fn texts(body: &str) -> Result<Vec<Option<String>>, Vec<String>> {
        let text = |value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        };
        match from_json::<CustomerChange>(body.as_bytes()) {
            Ok(change) => Ok(change.parameters().into_iter().map(text).collect()),
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
