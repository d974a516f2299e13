//! `GET /orders/{id}`

use http::StatusCode;
use waybill_service::Problem;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::sql::Statement as _;

#[cfg(not(target_family = "wasm"))]
use crate::order::Order;
use crate::sql::ShowOrder;

/// Shows one order.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/orders/{id}", tag = "orders",
    params(("id" = String, Path)),
    responses((status = 200, description = "The order.", body = Order), OfPath, Anytime)
))]
pub fn show_order(request: Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    let row = ShowOrder { order_id: id }.query_optional()?.ok_or_else(not_found)?;
    Ok(respond::with_body(StatusCode::OK, "application/json", row.shown))
}
