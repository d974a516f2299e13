//! `GET /orders/{id}`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::{Problem, endpoint, sql as database};

use crate::order::Order;
use crate::sql::SHOW_ORDER;

/// Shows one order.
#[endpoint(GET "/orders/{id}", scope = OrdersRead, success(200, "The order.", Order))]
pub fn show_order(request: Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    let mut row = database::query(&SHOW_ORDER, &[database::uuid(id)])?.pop().ok_or_else(not_found)?;
    Ok(respond::with_body(StatusCode::OK, "application/json", row.text()?))
}
