//! `GET /webhook-endpoints/{id}`

use http::StatusCode;
use uuid::Uuid;
use waybill_service::Problem;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::sql::Statement as _;

use super::endpoint::Endpoint;
use super::sql::ShowEndpoint;

/// Shows one address that events are posted to.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/webhook-endpoints/{id}", tag = "webhooks",
    params(("id" = String, Path)),
    responses((status = 200, description = "The endpoint.", body = Endpoint), OfPath, Anytime)
))]
pub fn show_endpoint(request: Request) -> Result<Response, Problem> {
    Ok(respond::json(StatusCode::OK, &find(request.id(1)?)?))
}

/// The endpoint of this identifier, or 404.
pub fn find(id: Uuid) -> Result<Endpoint, Problem> {
    ShowEndpoint { endpoint_id: id }.query_optional()?.ok_or_else(not_found)
}
