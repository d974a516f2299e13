//! `POST /customers`

use http::StatusCode;
use waybill_service::fields::required;
use waybill_service::idempotency::{Idempotency, answered};
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfBody, OfState};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::time::Moment;
use waybill_service::{Problem, body, json, sql as database};

use crate::customer::{Customer, MEMBERS, check_of, email_is_taken};
use crate::sql::CREATE_CUSTOMER;

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
    let [caller, key, request, kept_answer] = idempotency.parameters(&answer);
    let made = database::query_one(
        &CREATE_CUSTOMER,
        &[
            database::text(customer.id),
            database::text(customer.name),
            database::text(customer.email),
            database::text(customer.address),
            database::text(customer.state),
            database::text(customer.zip_code),
            database::text(customer.country),
            database::optional_text(customer.date_of_birth),
            database::text(customer.created_at),
            caller,
            key,
            request,
            kept_answer,
        ],
    );
    match made.and_then(|mut row| row.boolean()) {
        Ok(true) => answered(StatusCode::CREATED, &location, answer),
        Ok(false) => idempotency.replay_or(email_is_taken()),
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
