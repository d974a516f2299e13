//! `POST /webhook-endpoints/{id}/deliveries/{eventId}/redeliver`

use http::StatusCode;
use waybill_service::idempotency::{Idempotency, answered};
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, KeyHeader, OfBody, OfPath};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::routes::not_found;
use waybill_service::sql::Statement as _;
use waybill_service::{Problem, body, json};

use super::show_delivery::in_path;
use super::sql::Redeliver;

/// Has an event posted again, whatever became of it before: at once, and with the retries of a new event.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    post, path = "/webhook-endpoints/{id}/deliveries/{eventId}/redeliver", tag = "webhooks",
    params(("id" = String, Path), ("eventId" = String, Path), KeyHeader),
    responses(
        (status = 202, description = "It is posted again.", body = crate::openapi::Redelivery,
            headers(("Idempotency-Replayed" = String))),
        OfPath, OfBody, Anytime
    )
))]
pub fn redeliver(request: Request) -> Result<Response, Problem> {
    let (endpoint, event) = in_path(&request)?;
    // There is nothing to say, so a body may be missing; one that is there is an object, for what may be said later.
    let (headers, body) = body::optional_json_with_headers(request)?;
    if !body.is_empty() {
        let ([], faults) = json::object(&body, &[])?;
        faults.refuse_any()?;
    }
    let address = format!("/webhook-endpoints/{endpoint}/deliveries/{event}/redeliver");
    let idempotency = Idempotency::read(&headers, &address, &body)?;
    if let Some(response) = idempotency.replay()? {
        return Ok(response);
    }
    let answer = format!(r#"{{"eventId":"{event}","status":"pending"}}"#);
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
    match (row.is_known, row.is_rescheduled) {
        (_, true) => answered(StatusCode::ACCEPTED, "", answer),
        (true, false) => idempotency.replay_taken(),
        (false, false) => Err(not_found()),
    }
}
