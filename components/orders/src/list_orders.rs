//! `GET /orders?customerId=&status=&createdFrom=&createdTo=&limit=&cursor=`

use http::StatusCode;
use uuid::Uuid;
use waybill_contracts::order_state;
use waybill_service::page::{CURSOR, LIMIT, PageRequest};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::rules::{OneOf, QueryTimestamp};
use waybill_service::sql::{Statement as _, statement};
use waybill_service::text::LineOfText;
use waybill_service::time::Moment;
use waybill_service::{Fields, Problem, endpoint, page};

use crate::order::Order;

statement!(ListOrders, "sql/list_orders.sql", row: Order);

/// Which orders.
#[derive(Fields)]
pub struct OrdersQuery {
    /// How many there are on a page, 20 if not given.
    #[rule(LIMIT)]
    limit: Option<u8>,
    /// The `nextCursor` of an earlier page.
    #[rule(CURSOR)]
    cursor: Option<Uuid>,
    /// Only those of this customer.
    #[rule(LineOfText::LONG)]
    customer_id: Option<String>,
    /// Only those in this state.
    #[rule(OneOf(&order_state::ALL))]
    status: Option<&'static str>,
    /// Only those that were taken at this time or later.
    #[rule(QueryTimestamp)]
    created_from: Option<Moment>,
    /// Only those that were taken before this time.
    #[rule(QueryTimestamp)]
    created_to: Option<Moment>,
}

page!(OrdersPage, "A page of orders, newest first.", orders: Order);

/// Lists orders, newest first.
#[endpoint(GET "/orders", scope = OrdersRead, success(200, "A page of orders.", OrdersPage))]
pub fn list_orders(request: Request<OrdersQuery>) -> Result<Response, Problem> {
    let OrdersQuery { limit, cursor, customer_id, status, created_from, created_to } =
        request.parameters()?;
    let page = PageRequest::new(limit, cursor);
    // An order's identifier begins with the time of its making, so that a span of time is one of identifiers.
    let from = created_from.map(Moment::least_identifier);
    let to = created_to.map(Moment::least_identifier);
    let page = to.map_or(page, |to| page.before(to));
    let selected = ListOrders {
        below: page.below(),
        from: from.unwrap_or(Uuid::nil()),
        customer_id: customer_id.as_deref(),
        status,
        limit: page.limit(),
    };
    let mut orders = selected.query()?;
    let next_cursor = page.cut(&mut orders, |order| &order.id);
    Ok(respond::json(StatusCode::OK, &OrdersPage { orders, next_cursor }))
}
