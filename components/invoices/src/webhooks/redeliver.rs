//! `POST /webhook-endpoints/{id}/deliveries/{eventId}/redeliver`

use http::StatusCode;
use serde::Serialize;
use waybill_service::idempotency::{Idempotency, answered};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, body, endpoint};

use super::show_delivery::in_path;

statement!(Redeliver, "webhooks/sql/redeliver.sql");

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

/// Posts an event again, whatever its status: at once, and with the retries of a new event.
#[endpoint(
    POST "/webhook-endpoints/{id}/deliveries/{eventId}/redeliver",
    scope = WebhooksWrite,
    idempotent,
    conflicts,
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
    let keyed = idempotency.parameters(&answer);
    let again = Redeliver {
        endpoint_id: endpoint,
        event_id: event,
        caller: keyed.caller,
        idempotency_key: keyed.key,
        request_sha256: keyed.request_sha256,
        answer: keyed.answer,
    };
    let row = match again.query_one() {
        Ok(row) => row,
        Err(error) => return idempotency.replay_instead_of(error),
    };
    match (row.is_known, row.is_enabled, row.is_rescheduled) {
        (_, _, true) => answered(StatusCode::ACCEPTED, "", answer),
        (true, true, false) => idempotency.replay_taken(),
        (true, false, false) => idempotency.replay_or(disabled()),
        (false, _, false) => Err(no_such("delivery of the event", event)),
    }
}

fn disabled() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "The webhook endpoint is disabled, because its receiver answered 410 Gone. Enable it first.",
    )
}
