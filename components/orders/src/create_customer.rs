//! `POST /customers`

use http::StatusCode;
use waybill_service::idempotency::{Idempotency, answered};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::rules::{COUNTRY, EMAIL};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::text::LineOfText;
use waybill_service::time::Moment;
use waybill_service::{Fields, Problem, body, endpoint};

use crate::customer::{Customer, DATE, email_is_taken};

statement!(CreateCustomer, "sql/create_customer.sql");

/// A customer to create.
#[derive(Debug, Fields)]
pub struct NewCustomer {
    /// The name of a person or a company.
    #[rule(LineOfText::LONG)]
    name: String,
    /// The e-mail address, which no other customer has.
    #[rule(EMAIL)]
    email: String,
    /// Street and number.
    #[rule(LineOfText::LONG)]
    address: String,
    /// City, state or region.
    #[rule(LineOfText::LONG)]
    state: String,
    /// The postal code.
    #[rule(LineOfText::SHORT)]
    zip_code: String,
    /// ISO 3166-1, two letters.
    #[rule(COUNTRY)]
    country: String,
    /// Where it is known.
    #[rule(DATE)]
    date_of_birth: Option<String>,
}

/// Creates a customer.
#[endpoint(
    POST "/customers",
    scope = CustomersWrite,
    idempotent,
    conflicts,
    success(201, "The customer is kept.", Customer),
)]
pub fn create_customer(request: Request<NewCustomer>) -> Result<Response, Problem> {
    let (headers, body) = body::json(request)?;
    let idempotency = Idempotency::read(&headers, "/customers", body.as_ref())?;
    let customer = body.read()?.into_customer();
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

impl NewCustomer {
    fn into_customer(self) -> Customer {
        let now = Moment::now();
        Customer {
            id: now.identifier().to_string(),
            name: self.name,
            email: self.email,
            address: self.address,
            state: self.state,
            zip_code: self.zip_code,
            country: self.country,
            date_of_birth: self.date_of_birth,
            created_at: now.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use waybill_service::fields::from_json;

    use super::*;

    const GOOD: &str = r#"{"name":"Jo","email":"jo@example.com","address":"1 Street","state":"Berlin","zipCode":"10115","country":"DE"}"#;

    #[test]
    fn a_customer_is_read() {
        let customer: NewCustomer = from_json(GOOD.as_bytes()).unwrap();
        assert_eq!((customer.name.as_str(), customer.date_of_birth), ("Jo", None));
    }

    #[test]
    fn every_fault_is_named() {
        let problem = from_json::<NewCustomer>(
            br#"{"email":"x","country":"Germany","dateOfBirth":"never","vip":true}"#,
        )
        .unwrap_err();
        let fields: Vec<_> = problem.errors().iter().map(|error| error.field.to_string()).collect();
        assert_eq!(fields, ["vip", "name", "email", "address", "state", "zipCode", "country", "dateOfBirth"]);
    }
}
