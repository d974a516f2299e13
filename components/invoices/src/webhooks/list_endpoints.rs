//! `GET /webhook-endpoints?limit=&cursor=`

use http::StatusCode;
use serde::Serialize;
use waybill_service::Problem;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfQuery};
use waybill_service::page::{NextCursor, PageRequest};
use waybill_service::query::parameters;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::Statement as _;

use super::endpoint::Endpoint;
use super::sql::ListEndpoints;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    webhook_endpoints: Vec<Endpoint>,
    next_cursor: NextCursor,
}

/// Lists the addresses that events are posted to, newest first.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/webhook-endpoints", tag = "webhooks",
    params(waybill_service::openapi::PageQuery),
    responses(
        (status = 200, description = "A page of endpoints.", body = crate::openapi::EndpointsPage), OfQuery, Anytime
    )
))]
pub fn list_endpoints(request: Request) -> Result<Response, Problem> {
    let ([limit, cursor], mut faults) = parameters(request.query(), &["limit", "cursor"]);
    let page = PageRequest::read(limit.as_deref(), cursor.as_deref(), &mut faults);
    faults.refuse_any()?;
    let mut webhook_endpoints = ListEndpoints { below: page.below(), limit: page.limit() }.query()?;
    let next_cursor = page.cut(&mut webhook_endpoints, |endpoint| &endpoint.id);
    Ok(respond::json(StatusCode::OK, &Page { webhook_endpoints, next_cursor }))
}
