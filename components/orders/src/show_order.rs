//! `GET /orders/{id}`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, endpoint};

use crate::order::Order;

statement!(ShowOrder, "sql/show_order.sql");

/// Shows one order.
#[endpoint(GET "/orders/{id}", scope = OrdersRead, success(200, "The order.", Order))]
pub fn show_order(request: Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    let row = ShowOrder { order_id: id }.query_optional()?.ok_or_else(|| no_such("order", id))?;
    Ok(respond::with_body(StatusCode::OK, "application/json", row.shown))
}
