//! `GET /orders/{id}`

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use http::StatusCode;
use waybill_service::routes::{id_in_path, not_found};
use waybill_service::{Problem, respond, sql as database};

use crate::order::Order;
use crate::sql::SHOW_ORDER;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};

/// Shows one order.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/orders/{id}", tag = "orders",
    params(("id" = String, Path)),
    responses((status = 200, description = "The order.", body = Order), OfPath, Anytime)
))]
pub async fn show_order(path: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let id = id_in_path(path)?;
    let row = database::query(&SHOW_ORDER, &[database::uuid(id)])?.pop().ok_or_else(not_found)?;
    Ok(respond::json(StatusCode::OK, &Order::from_row(row)?))
}
