//! `POST /customers`

use http::StatusCode;
use waybill_service::fields::required;
use waybill_service::idempotency::{Idempotency, answered};
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfBody, OfState};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::sql::Statement as _;
use waybill_service::time::Moment;
use waybill_service::{Problem, body, json};

use crate::customer::{Customer, MEMBERS, check_of, email_is_taken};
use crate::sql::CreateCustomer;

/// Takes a customer in.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    post, path = "/customers", tag = "customers",
    params(waybill_service::openapi::KeyHeader),
    request_body = crate::openapi::NewCustomer,
    responses(
        (status = 201, description = "The customer is kept.", body = Customer,
            headers(("Location" = String), ("Idempotency-Replayed" = String))),
        OfState, OfBody, Anytime
    )
))]
pub fn create_customer(request: Request) -> Result<Response, Problem> {
    let (headers, body) = body::json_with_headers(request)?;
    let idempotency = Idempotency::read(&headers, "/customers", &body)?;
    let customer = read(&body)?;
    let answer = serde_json::to_string(&customer).map_err(|_| Problem::internal())?;
    let location = format!("/customers/{}", customer.id);
    let keyed = idempotency.parameters(&answer);
    let written = CreateCustomer {
        customer_id: &customer.id,
        name: &customer.name,
        email: &customer.email,
        address: &customer.address,
        state: &customer.state,
        zip_code: &customer.zip_code,
        country: &customer.country,
        date_of_birth: customer.date_of_birth.as_deref(),
        created_at: &customer.created_at,
        caller: keyed.caller,
        idempotency_key: keyed.key,
        request_sha256: keyed.request_sha256,
        answer: keyed.answer,
    };
    match written.query_one() {
        Ok(row) if row.is_made => answered(StatusCode::CREATED, &location, answer),
        Ok(_) => idempotency.replay_or(email_is_taken()),
        Err(error) => idempotency.replay_instead_of(error),
    }
}

fn read(body: &[u8]) -> Result<Customer, Problem> {
    let (values, mut faults) = json::object(body, &MEMBERS)?;
    let mut text = |member: usize| {
        let checked = required(values[member], check_of(member));
        faults.note(MEMBERS[member], checked).map(std::borrow::Cow::into_owned)
    };
    let (name, email, address) = (text(0), text(1), text(2));
    let (state, zip_code, country) = (text(3), text(4), text(5));
    let date_of_birth = if values[6].is_some() { text(6) } else { None };
    faults.refuse_any()?;
    let now = Moment::now();
    match (name, email, address, state, zip_code, country) {
        (Some(name), Some(email), Some(address), Some(state), Some(zip_code), Some(country)) => {
            Ok(Customer {
                id: now.identifier().to_string(),
                name,
                email,
                address,
                state,
                zip_code,
                country,
                date_of_birth,
                created_at: now.to_string(),
            })
        }
        // What is missing was noted.
        _ => Err(Problem::internal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"name":"Jo","email":"jo@example.com","address":"1 Street","state":"Berlin","zipCode":"10115","country":"DE"}"#;

    #[test]
    fn a_customer_is_read() {
        let customer = read(GOOD.as_bytes()).unwrap();
        assert_eq!((customer.name.as_str(), customer.date_of_birth), ("Jo", None));
    }

    #[test]
    fn every_fault_is_named() {
        let problem =
            read(br#"{"email":"x","country":"Germany","dateOfBirth":"never","vip":true}"#).unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.to_string()).collect();
        assert_eq!(fields, ["vip", "name", "email", "address", "state", "zipCode", "country", "dateOfBirth"]);
    }
}
