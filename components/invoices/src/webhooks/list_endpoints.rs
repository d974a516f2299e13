//! `GET /webhook-endpoints?limit=&cursor=`

use http::StatusCode;
use waybill_service::page::{PageQuery, PageRequest};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, endpoint, page};

use super::endpoint::Endpoint;

statement!(ListEndpoints, "webhooks/sql/list_endpoints.sql", row: Endpoint);

page!(EndpointsPage, "A page of endpoints, newest first.", webhook_endpoints: Endpoint);

/// Lists the addresses that events are posted to, newest first.
#[endpoint(
    GET "/webhook-endpoints",
    scope = WebhooksRead,
    success(200, "A page of endpoints.", EndpointsPage),
)]
pub fn list_endpoints(request: Request<PageQuery>) -> Result<Response, Problem> {
    let page = PageRequest::from(request.parameters()?);
    let mut webhook_endpoints = ListEndpoints { below: page.below(), limit: page.limit() }.query()?;
    let next_cursor = page.cut(&mut webhook_endpoints, |endpoint| &endpoint.id);
    Ok(respond::json(StatusCode::OK, &EndpointsPage { webhook_endpoints, next_cursor }))
}
