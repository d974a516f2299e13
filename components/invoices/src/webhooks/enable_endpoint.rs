//! `POST /webhook-endpoints/{id}/enable`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, body, endpoint};

use super::endpoint::Endpoint;

statement!(EnableEndpoint, "webhooks/sql/enable_endpoint.sql", row: Endpoint);

/// Resumes posting new events to an address whose receiver had answered 410 Gone.
#[endpoint(
    POST "/webhook-endpoints/{id}/enable",
    scope = WebhooksWrite,
    success(200, "Events are posted to the address again.", Endpoint),
)]
pub fn enable_endpoint(request: Request) -> Result<Response, Problem> {
    let endpoint_id = request.id(1)?;
    body::empty(request)?;
    let endpoint = EnableEndpoint { endpoint_id }
        .query_optional()?
        .ok_or_else(|| no_such("webhook endpoint", endpoint_id))?;
    Ok(respond::json(StatusCode::OK, &endpoint))
}
