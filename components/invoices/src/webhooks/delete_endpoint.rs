//! `DELETE /webhook-endpoints/{id}`

use http::StatusCode;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, endpoint};

statement!(DeleteEndpoint, "webhooks/sql/delete_endpoint.sql");

/// Ends the posting of events to an address. Pending deliveries to it become failed.
#[endpoint(
    DELETE "/webhook-endpoints/{id}",
    scope = WebhooksWrite,
    success(204, "Nothing more is posted there."),
)]
pub fn delete_endpoint(request: Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    match (DeleteEndpoint { endpoint_id: id }).query_one()?.deleted {
        0 => Err(no_such("webhook endpoint", id)),
        _ => Ok(respond::empty(StatusCode::NO_CONTENT)),
    }
}
