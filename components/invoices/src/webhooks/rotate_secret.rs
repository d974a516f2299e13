//! `POST /webhook-endpoints/{id}/rotate-secret`

use http::StatusCode;
use waybill_service::idempotency::{Idempotency, answered};
use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, body, endpoint};

use super::create_endpoint::{MadeEndpoint, new_secret};
use super::show_endpoint;

statement!(RotateSecret, "webhooks/sql/rotate_secret.sql");

/// The most replaced secrets that are still valid. Each adds a signature to every request.
const MAX_FORMER: i64 = 4;

/// Makes a new secret for an address. For a day, webhooks are signed with the new one and with those it replaces.
#[endpoint(
    POST "/webhook-endpoints/{id}/rotate-secret",
    scope = WebhooksWrite,
    idempotent,
    conflicts,
    success(200, "Webhooks are signed with the new secret too. It is in the first answer only.", MadeEndpoint),
)]
pub fn rotate_secret(request: Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    let (headers, body) = body::empty(request)?;
    let idempotency = Idempotency::read(&headers, &format!("/webhook-endpoints/{id}/rotate-secret"), &body)?;
    if let Some(response) = idempotency.replay()? {
        return Ok(response);
    }
    let made = MadeEndpoint { endpoint: show_endpoint::find(id)?, secret: new_secret()? };
    let answer = serde_json::to_string(&made).map_err(|_| Problem::internal())?;
    // The kept answer can be read again, so it omits the secret.
    let kept_answer = serde_json::to_string(&made.endpoint).map_err(|_| Problem::internal())?;
    let keyed = idempotency.parameters(&kept_answer);
    let rotated = RotateSecret {
        endpoint_id: id,
        secret: &made.secret,
        max_former: MAX_FORMER,
        caller: keyed.caller,
        idempotency_key: keyed.key,
        request_sha256: keyed.request_sha256,
        answer: keyed.answer,
    };
    let row = match rotated.query_one() {
        Ok(row) => row,
        Err(error) => return idempotency.replay_instead_of(error),
    };
    match (row.is_known, row.has_room, row.is_rotated) {
        (_, _, true) => answered(StatusCode::OK, "", answer),
        (true, true, false) => idempotency.replay_taken(),
        (true, false, false) => idempotency.replay_or(too_many()),
        (false, _, false) => Err(no_such("webhook endpoint", id)),
    }
}

fn too_many() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "The secret was rotated 4 times within a day, and each of those secrets still counts. Rotate it again tomorrow, or make \
         another endpoint.",
    )
}
