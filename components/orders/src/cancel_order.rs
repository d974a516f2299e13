//! `POST /orders/{id}/cancel`

use waybill_contracts::{ORDER_CANCELED, order_state};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::{Problem, endpoint};

use crate::change_order::{Transition, change_order};
use crate::order::Order;

/// A paid order may be canceled too: its money goes back, and its invoice is credited.
const CANCEL: Transition = Transition {
    verb: "cancel",
    from: &[order_state::PENDING, order_state::PAID],
    to: order_state::CANCELED,
    event_type: ORDER_CANCELED,
};

/// Cancels an order.
#[endpoint(
    POST "/orders/{id}/cancel",
    scope = OrdersWrite,
    idempotent,
    conflicts,
    success(200, "The order is canceled.", Order),
)]
pub fn cancel_order(request: Request) -> Result<Response, Problem> {
    change_order(&CANCEL, request)
}
