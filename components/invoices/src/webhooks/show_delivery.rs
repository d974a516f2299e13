//! `GET /webhook-endpoints/{id}/deliveries/{eventId}`

use http::StatusCode;
use uuid::Uuid;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, endpoint};

use super::delivery::LoggedDelivery;

statement!(ShowDelivery, "webhooks/sql/show_delivery.sql", row: LoggedDelivery);

/// Shows the delivery of one event to an address, with the log of its attempts.
#[endpoint(
    GET "/webhook-endpoints/{id}/deliveries/{eventId}",
    scope = WebhooksRead,
    success(200, "The delivery.", LoggedDelivery),
)]
pub fn show_delivery(request: Request) -> Result<Response, Problem> {
    let (endpoint_id, event_id) = in_path(&request)?;
    let delivery = ShowDelivery { endpoint_id, event_id }
        .query_optional()?
        .ok_or_else(|| no_such("delivery of the event", event_id))?;
    Ok(respond::json(StatusCode::OK, &delivery))
}

/// The endpoint and the event in the path of a delivery.
pub fn in_path(request: &Request) -> Result<(Uuid, Uuid), Problem> {
    Ok((request.id(1)?, request.id(3)?))
}
