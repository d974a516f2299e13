//! `POST /orders/{id}/pay`

use waybill_contracts::{ORDER_PAID, order_state};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::{Problem, endpoint};

use crate::change_order::{Transition, change_order};
use crate::order::Order;

const PAY: Transition =
    Transition { verb: "pay", from: &[order_state::PENDING], to: order_state::PAID, event_type: ORDER_PAID };

/// Records that an order is paid.
#[endpoint(
    POST "/orders/{id}/pay",
    scope = OrdersWrite,
    idempotent,
    conflicts,
    success(200, "The order is paid.", Order),
)]
pub fn pay_order(request: Request) -> Result<Response, Problem> {
    change_order(&PAY, request)
}
