//! `GET /orders?limit=&cursor=`

use axum::extract::RawQuery;
use axum::response::Response;
use http::StatusCode;
use serde::Serialize;
use waybill_service::page::{NextCursor, PageRequest};
use waybill_service::query::parameters;
use waybill_service::{Problem, respond, sql as database};

use crate::order::Order;
use crate::sql::LIST_ORDERS;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    orders: Vec<Order>,
    next_cursor: NextCursor,
}

/// Lists orders, newest first.
pub async fn list_orders(RawQuery(query): RawQuery) -> Result<Response, Problem> {
    let ([limit, cursor], mut faults) = parameters(query.as_deref(), &["limit", "cursor"]);
    let page = PageRequest::read(limit.as_deref(), cursor.as_deref(), &mut faults);
    faults.refuse_any()?;

    let rows = database::query(&LIST_ORDERS, &[page.below(), page.limit()])?;
    let mut orders = rows.into_iter().map(Order::from_row).collect::<Result<Vec<_>, _>>()?;
    let next_cursor = page.cut(&mut orders, |order| &order.id);
    Ok(respond::json(StatusCode::OK, &Page { orders, next_cursor }))
}
