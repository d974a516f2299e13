//! `GET /webhook-endpoints/{id}/deliveries?status=&limit=&cursor=`

use http::StatusCode;
use serde::Serialize;
use waybill_service::Problem;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath, OfQuery};
use waybill_service::page::{NextCursor, PageRequest};
use waybill_service::query::parameters;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::Statement as _;

use super::delivery::{Delivery, STATUSES};
use super::show_endpoint;
use super::sql::ListDeliveries;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    deliveries: Vec<Delivery>,
    next_cursor: NextCursor,
}

/// Lists what was posted, or is to be posted, to an address, newest event first.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/webhook-endpoints/{id}/deliveries", tag = "webhooks",
    params(("id" = String, Path), waybill_service::openapi::PageQuery, crate::openapi::DeliveriesQuery),
    responses(
        (status = 200, description = "A page of deliveries.", body = crate::openapi::DeliveriesPage),
        OfPath, OfQuery, Anytime
    )
))]
pub fn list_deliveries(request: Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    let ([limit, cursor, status], mut faults) = parameters(request.query(), &["limit", "cursor", "status"]);
    let page = PageRequest::read(limit.as_deref(), cursor.as_deref(), &mut faults);
    if status.as_deref().is_some_and(|status| !STATUSES.contains(&status)) {
        faults.add("status", "must be pending, delivered or failed");
    }
    faults.refuse_any()?;

    show_endpoint::find(id)?;
    let status = status.as_deref();
    let listed = ListDeliveries { endpoint_id: id, below: page.below(), status, limit: page.limit() };
    let mut deliveries = listed.query()?;
    let next_cursor = page.cut(&mut deliveries, |delivery| &delivery.event_id);
    Ok(respond::json(StatusCode::OK, &Page { deliveries, next_cursor }))
}
