//! `DELETE /webhook-endpoints/{id}`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::not_found;
use waybill_service::{Problem, endpoint, sql as database};

use super::sql::DELETE_ENDPOINT;

/// Ends the posting of events to an address. Pending deliveries to it are given up.
#[endpoint(
    DELETE "/webhook-endpoints/{id}",
    scope = WebhooksWrite,
    success(204, "Nothing more is posted there."),
)]
pub fn delete_endpoint(request: Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    match database::query_one(&DELETE_ENDPOINT, &[database::uuid(id)])?.int4()? {
        0 => Err(not_found()),
        _ => Ok(respond::empty(StatusCode::NO_CONTENT)),
    }
}
