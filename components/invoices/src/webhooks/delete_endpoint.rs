//! `DELETE /webhook-endpoints/{id}`

use http::StatusCode;
use waybill_service::Problem;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::sql::Statement as _;

use super::sql::DeleteEndpoint;

/// Ends the posting of events to an address. What was still to be delivered is given up.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    delete, path = "/webhook-endpoints/{id}", tag = "webhooks",
    params(("id" = String, Path)),
    responses((status = 204, description = "Nothing more is posted there."), OfPath, Anytime)
))]
pub fn delete_endpoint(request: Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    match (DeleteEndpoint { endpoint_id: id }).query_one()?.deleted {
        0 => Err(not_found()),
        _ => Ok(respond::empty(StatusCode::NO_CONTENT)),
    }
}
