//! `POST /webhook-endpoints/{id}/deliveries/{eventId}/redeliver`

use http::StatusCode;
use serde::Serialize;
use waybill_service::idempotency::{Idempotency, answered};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::routes::not_found;
use waybill_service::{Problem, body, endpoint, sql as database};

use super::show_delivery::in_path;
use super::sql::REDELIVER;

/// An event that is posted again.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Redelivery {
    /// The event.
    event_id: String,
    /// `pending`.
    status: &'static str,
}

/// Posts an event again, whatever became of it before: at once, and with the retries of a new event.
#[endpoint(
    POST "/webhook-endpoints/{id}/deliveries/{eventId}/redeliver",
    scope = WebhooksWrite,
    idempotent,
    success(202, "It is posted again.", Redelivery),
)]
pub fn redeliver(request: Request) -> Result<Response, Problem> {
    let (endpoint, event) = in_path(&request)?;
    let (headers, body) = body::empty(request)?;
    let address = format!("/webhook-endpoints/{endpoint}/deliveries/{event}/redeliver");
    let idempotency = Idempotency::read(&headers, &address, &body)?;
    if let Some(response) = idempotency.replay()? {
        return Ok(response);
    }
    let redelivery = Redelivery { event_id: event.to_string(), status: "pending" };
    let answer = serde_json::to_string(&redelivery).map_err(|_| Problem::internal())?;
    let [caller, key, request, kept_answer] = idempotency.parameters(&answer);
    let parameters = [database::uuid(endpoint), database::uuid(event), caller, key, request, kept_answer];
    let mut row = match database::query_one(&REDELIVER, &parameters) {
        Ok(row) => row,
        Err(error) => return idempotency.replay_instead_of(error),
    };
    let (is_known, is_again) = (row.boolean()?, row.boolean()?);
    match (is_known, is_again) {
        (_, true) => answered(StatusCode::ACCEPTED, "", answer),
        (true, false) => idempotency.replay_taken(),
        (false, false) => Err(not_found()),
    }
}
