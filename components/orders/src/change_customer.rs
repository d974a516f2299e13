//! `PATCH /customers/{id}`

use std::borrow::Cow;

use http::StatusCode;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfBody, OfPath, OfState};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::sql::{SqlError, Statement as _};
use waybill_service::{Problem, body, json};

use crate::customer::{MEMBERS, check_of, email_is_taken};
use crate::show_customer::{customer_in_path, find};
use crate::sql::ChangeCustomer;

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
    let new = read(&body)?;
    let [name, email, address, state, zip_code, country, date_of_birth] =
        new.each_ref().map(Option::as_deref);
    let change =
        ChangeCustomer { customer_id: &id, name, email, address, state, zip_code, country, date_of_birth };
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

/// The new values of [`MEMBERS`], `None` for a member that is not named. A `null` removes the date of birth; every other member needs
/// a value.
fn read(body: &[u8]) -> Result<[Option<Cow<'_, str>>; MEMBERS.len()], Problem> {
    let (values, mut faults) = json::object(body, &MEMBERS)?;
    let mut read = MEMBERS.map(|_| None);
    for (member, value) in values.into_iter().enumerate() {
        read[member] = match value {
            None => None,
            Some(value) if MEMBERS[member] == "dateOfBirth" && value.get() == "null" => Some("".into()),
            Some(value) => faults.note(MEMBERS[member], check_of(member)(value)),
        };
    }
    faults.refuse_any()?;
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(body: &str) -> Result<Vec<Option<String>>, Vec<String>> {
        match read(body.as_bytes()) {
            Ok(values) => Ok(values.into_iter().map(|value| value.map(Cow::into_owned)).collect()),
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
