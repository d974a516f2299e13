//! `DELETE /webhook-endpoints/{id}`

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use waybill_service::routes::{id_in_path, not_found};
use waybill_service::{Problem, sql as database};

use super::sql::DELETE_ENDPOINT;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};

/// Ends the posting of events to an address. What was still to be delivered is given up.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    delete, path = "/webhook-endpoints/{id}", tag = "webhooks",
    params(("id" = String, Path)),
    responses((status = 204, description = "Nothing more is posted there."), OfPath, Anytime)
))]
pub async fn delete_endpoint(path: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let id = id_in_path(path)?;
    match database::query_one(&DELETE_ENDPOINT, &[database::uuid(id)])?.int4()? {
        0 => Err(not_found()),
        _ => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}
