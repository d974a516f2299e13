//! `GET /webhook-endpoints/{id}/deliveries?status=&limit=&cursor=`

use http::StatusCode;
use uuid::Uuid;
use waybill_service::page::{CURSOR, LIMIT, PageRequest};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::rules::OneOf;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Fields, Problem, endpoint, page};

use super::delivery::{Delivery, STATUSES};
use super::show_endpoint;

statement!(ListDeliveries, "webhooks/sql/list_deliveries.sql", row: Delivery);

/// Which deliveries.
#[derive(Fields)]
pub struct DeliveriesQuery {
    /// How many there are on a page, 20 if not given.
    #[rule(LIMIT)]
    limit: Option<u8>,
    /// The `nextCursor` of an earlier page.
    #[rule(CURSOR)]
    cursor: Option<Uuid>,
    /// Only those in this state.
    #[rule(OneOf(&STATUSES))]
    status: Option<&'static str>,
}

page!(DeliveriesPage, "A page of deliveries, newest event first.", deliveries: Delivery);

/// Lists what was posted, or is to be posted, to an address, newest event first.
#[endpoint(
    GET "/webhook-endpoints/{id}/deliveries",
    scope = WebhooksRead,
    success(200, "A page of deliveries.", DeliveriesPage),
)]
pub fn list_deliveries(request: Request<DeliveriesQuery>) -> Result<Response, Problem> {
    let id = request.id(1)?;
    let DeliveriesQuery { limit, cursor, status } = request.parameters()?;
    let page = PageRequest::new(limit, cursor);

    show_endpoint::find(id)?;
    let listed = ListDeliveries { endpoint_id: id, below: page.below(), status, limit: page.limit() };
    let mut deliveries = listed.query()?;
    let next_cursor = page.cut(&mut deliveries, |delivery| &delivery.event_id);
    Ok(respond::json(StatusCode::OK, &DeliveriesPage { deliveries, next_cursor }))
}
