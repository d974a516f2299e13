//! `GET /customers/{id}`

use http::StatusCode;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::sql::Statement as _;
use waybill_service::{Problem, fields};

use crate::customer::Customer;
use crate::sql::ShowCustomer;

/// Shows one customer.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/customers/{id}", tag = "customers",
    params(("id" = String, Path)),
    responses((status = 200, description = "The customer.", body = Customer), OfPath, Anytime)
))]
pub fn show_customer(request: Request) -> Result<Response, Problem> {
    let id = customer_in_path(&request)?;
    Ok(respond::json(StatusCode::OK, &find(&id)?))
}

/// The customer of this identifier, or 404.
pub fn find(id: &str) -> Result<Customer, Problem> {
    ShowCustomer { customer_id: id }.query_optional()?.ok_or_else(not_found)
}

/// The identifier in the path, which is any text: what cannot be one is the address of nothing.
pub fn customer_in_path(request: &Request) -> Result<String, Problem> {
    let id = request.segment(1)?;
    fields::customer_id_text(&id).map_err(|_| not_found())?;
    Ok(id)
}
