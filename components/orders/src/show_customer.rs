//! `GET /customers/{id}`

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use http::StatusCode;
use waybill_service::routes::not_found;
use waybill_service::{Problem, fields, respond, sql as database};

use crate::customer::Customer;
use crate::sql::SHOW_CUSTOMER;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};

/// Shows one customer.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/customers/{id}", tag = "customers",
    params(("id" = String, Path)),
    responses((status = 200, description = "The customer.", body = Customer), OfPath, Anytime)
))]
pub async fn show_customer(path: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let id = customer_in_path(path)?;
    Ok(respond::json(StatusCode::OK, &find(&id)?))
}

/// The customer of this identifier, or 404.
pub fn find(id: &str) -> Result<Customer, Problem> {
    let row = database::query(&SHOW_CUSTOMER, &[database::text(id)])?.pop().ok_or_else(not_found)?;
    Ok(Customer::from_row(row)?)
}

/// The identifier in the path, which is any text: what cannot be one is the address of nothing.
pub fn customer_in_path(path: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let Path(id) = path.map_err(|_| not_found())?;
    fields::customer_id_text(&id).map_err(|_| not_found())?;
    Ok(id)
}
