//! `GET /customers/{id}`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::{no_such, not_found};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::text::LineOfText;
use waybill_service::{Problem, endpoint};

use crate::customer::Customer;

statement!(ShowCustomer, "sql/show_customer.sql", row: Customer);

/// Shows one customer.
#[endpoint(GET "/customers/{id}", scope = CustomersRead, text(id), success(200, "The customer.", Customer))]
pub fn show_customer(request: Request) -> Result<Response, Problem> {
    let id = customer_in_path(&request)?;
    Ok(respond::json(StatusCode::OK, &find(&id)?))
}

/// The customer of this identifier, or 404.
pub fn find(id: &str) -> Result<Customer, Problem> {
    ShowCustomer { customer_id: id }.query_optional()?.ok_or_else(|| no_such("customer", id))
}

/// The identifier in the path, which may be any text; 404 if no customer can have it.
pub fn customer_in_path<T>(request: &Request<T>) -> Result<String, Problem> {
    let id = request.segment(1)?;
    if LineOfText::LONG.allows(&id) { Ok(id) } else { Err(not_found()) }
}
