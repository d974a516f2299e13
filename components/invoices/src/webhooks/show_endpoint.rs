//! `GET /webhook-endpoints/{id}`

use http::StatusCode;
use uuid::Uuid;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::{Problem, endpoint, sql as database};

use super::endpoint::Endpoint;
use super::sql::SHOW_ENDPOINT;

/// Shows one address that events are posted to.
#[endpoint(GET "/webhook-endpoints/{id}", scope = WebhooksRead, success(200, "The endpoint.", Endpoint))]
pub fn show_endpoint(request: Request) -> Result<Response, Problem> {
    Ok(respond::json(StatusCode::OK, &find(request.id(1)?)?))
}

/// The endpoint of this identifier, or 404.
pub fn find(id: Uuid) -> Result<Endpoint, Problem> {
    let row = database::query(&SHOW_ENDPOINT, &[database::uuid(id)])?.pop().ok_or_else(not_found)?;
    Ok(Endpoint::from_row(row)?)
}
