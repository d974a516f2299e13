//! `GET /webhook-endpoints/{id}`

use http::StatusCode;
use uuid::Uuid;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, endpoint};

use super::endpoint::Endpoint;

statement!(ShowEndpoint, "webhooks/sql/show_endpoint.sql", row: Endpoint);

/// Shows one address that events are posted to.
#[endpoint(GET "/webhook-endpoints/{id}", scope = WebhooksRead, success(200, "The endpoint.", Endpoint))]
pub fn show_endpoint(request: Request) -> Result<Response, Problem> {
    Ok(respond::json(StatusCode::OK, &find(request.id(1)?)?))
}

/// The endpoint of this identifier, or 404.
pub fn find(id: Uuid) -> Result<Endpoint, Problem> {
    ShowEndpoint { endpoint_id: id }.query_optional()?.ok_or_else(|| no_such("webhook endpoint", id))
}
