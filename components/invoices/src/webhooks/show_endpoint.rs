//! `GET /webhook-endpoints/{id}`

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use http::StatusCode;
use uuid::Uuid;
use waybill_service::routes::{id_in_path, not_found};
use waybill_service::{Problem, respond, sql as database};

use super::endpoint::Endpoint;
use super::sql::SHOW_ENDPOINT;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};

/// Shows one address that events are posted to.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/webhook-endpoints/{id}", tag = "webhooks",
    params(("id" = String, Path)),
    responses((status = 200, description = "The endpoint.", body = Endpoint), OfPath, Anytime)
))]
pub async fn show_endpoint(path: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    Ok(respond::json(StatusCode::OK, &find(id_in_path(path)?)?))
}

/// The endpoint of this identifier, or 404.
pub fn find(id: Uuid) -> Result<Endpoint, Problem> {
    let row = database::query(&SHOW_ENDPOINT, &[database::uuid(id)])?.pop().ok_or_else(not_found)?;
    Ok(Endpoint::from_row(row)?)
}
