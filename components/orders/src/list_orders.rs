//! `GET /orders?customerId=&status=&createdFrom=&createdTo=&limit=&cursor=`

use http::StatusCode;
use serde::Serialize;
use uuid::Uuid;
use waybill_service::Problem;
use waybill_service::fields::{self, Rule};
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfQuery};
use waybill_service::page::{NextCursor, PageRequest};
use waybill_service::query::parameters;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::Statement as _;
use waybill_service::time::Moment;

use crate::order::Order;
use crate::sql::ListOrders;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    orders: Vec<Order>,
    next_cursor: NextCursor,
}

/// Lists orders, newest first.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/orders", tag = "orders",
    params(waybill_service::openapi::PageQuery, crate::openapi::OrdersQuery),
    responses((status = 200, description = "A page of orders.", body = crate::openapi::OrdersPage), OfQuery, Anytime)
))]
pub fn list_orders(request: Request) -> Result<Response, Problem> {
    let names = ["limit", "cursor", "customerId", "status", "createdFrom", "createdTo"];
    let ([limit, cursor, customer_id, status, from, to], mut faults) = parameters(request.query(), &names);
    let page = PageRequest::read(limit.as_deref(), cursor.as_deref(), &mut faults);
    let customer_id = customer_id.map(|id| fields::customer_id_text(&id).map(|()| id)).transpose();
    let customer_id = faults.note("customerId", customer_id).flatten();
    let status = faults.note("status", status.map(known_status).transpose()).flatten();
    // An order's identifier begins with the time of its making, so that a span of time is one of identifiers.
    let from = faults.note("createdFrom", from.as_deref().map(first_of).transpose()).flatten();
    let to = faults.note("createdTo", to.as_deref().map(first_of).transpose()).flatten();
    faults.refuse_any()?;

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
    Ok(respond::json(StatusCode::OK, &Page { orders, next_cursor }))
}

fn known_status(text: impl AsRef<str>) -> Result<&'static str, Rule> {
    ["pending", "paid", "canceled"]
        .into_iter()
        .find(|status| *status == text.as_ref())
        .ok_or("must be pending, paid or canceled")
}

/// The least identifier of a point in time.
fn first_of(text: &str) -> Result<Uuid, Rule> {
    let moment = Moment::read(text).ok_or("must be a time of RFC 3339, such as 2026-01-31T00:00:00Z")?;
    Ok(moment.least_identifier())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_is_one_of_three() {
        assert_eq!(known_status("paid"), Ok("paid"));
        for text in ["", "Paid", "canceled ", "cancelled"] {
            assert!(known_status(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_is_the_least_identifier_of_its_millisecond() {
        let id = first_of("2026-01-01T00:00:00.123Z").unwrap();
        assert_eq!(id.to_string(), "019b76da-a87b-7000-8000-000000000000");
        assert!(first_of("2026-01-01").is_err());
    }
}
