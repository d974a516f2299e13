//! `PATCH /customers/{id}`

use std::borrow::Cow;

use http::StatusCode;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfBody, OfPath, OfState};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::sql::{SqlError, Value};
use waybill_service::{Problem, body, json, sql as database};

use crate::customer::{MEMBERS, check_of, email_is_taken};
use crate::show_customer::{customer_in_path, find};
use crate::sql::CHANGE_CUSTOMER;

/// Changes what the request names (JSON Merge Patch, RFC 7396), and leaves the rest.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    patch, path = "/customers/{id}", tag = "customers",
    params(("id" = String, Path)),
    request_body = crate::openapi::CustomerChange,
    responses(
        (status = 200, description = "The customer as it is now.", body = crate::customer::Customer),
        OfPath, OfState, OfBody, Anytime
    )
))]
pub fn change_customer(request: Request) -> Result<Response, Problem> {
    let id = customer_in_path(&request)?;
    let body = body::json(request)?;
    let mut parameters = vec![database::text(id.as_str())];
    parameters.extend(read(&body)?);
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

/// The new values, null where a member is not named. A `null` takes the date of birth away, and nothing else can go.
fn read(body: &[u8]) -> Result<Vec<Value>, Problem> {
    let (values, mut faults) = json::object(body, &MEMBERS)?;
    let mut read = Vec::with_capacity(MEMBERS.len());
    for (member, value) in values.into_iter().enumerate() {
        let new = match value {
            None => None,
            Some(value) if MEMBERS[member] == "dateOfBirth" && value.get() == "null" => Some(String::new()),
            Some(value) => faults.note(MEMBERS[member], check_of(member)(value)).map(Cow::into_owned),
        };
        read.push(database::optional_text(new));
    }
    faults.refuse_any()?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(body: &str) -> Result<Vec<Option<String>>, Vec<String>> {
        let text = |value| match value {
            Value::Text(text) => Some(text),
            _ => None,
        };
        match read(body.as_bytes()) {
            Ok(values) => Ok(values.into_iter().map(text).collect()),
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
