//! `GET /webhook-endpoints/{id}`

use http::StatusCode;
use uuid::Uuid;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::{Problem, sql as database};

use super::endpoint::Endpoint;
use super::sql::SHOW_ENDPOINT;

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
    let row = database::query(&SHOW_ENDPOINT, &[database::uuid(id)])?.pop().ok_or_else(not_found)?;
    Ok(Endpoint::from_row(row)?)
}
