//! `GET /customers?limit=&cursor=`

use http::StatusCode;
use serde::Serialize;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfQuery};
use waybill_service::page::{NextCursor, PageRequest};
use waybill_service::query::parameters;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::sql::Statement as _;
use waybill_service::{Problem, fields};

use crate::customer::Customer;
use crate::sql::ListCustomers;

/// Above every identifier: no text has this character, which is the last.
const ABOVE_ALL: &str = "\u{10ffff}";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    customers: Vec<Customer>,
    next_cursor: NextCursor,
}

/// Lists customers, newest first.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/customers", tag = "customers",
    params(crate::openapi::CustomersQuery),
    responses((status = 200, description = "A page of customers.", body = crate::openapi::CustomersPage), OfQuery, Anytime)
))]
pub fn list_customers(request: Request) -> Result<Response, Problem> {
    let ([limit, cursor], mut faults) = parameters(request.query(), &["limit", "cursor"]);
    let page = PageRequest::read(limit.as_deref(), None, &mut faults);
    let checked = cursor.as_deref().map_or(Ok(()), fields::customer_id_text);
    faults.note("cursor", checked.map_err(|_| "must be the nextCursor of an earlier page"));
    faults.refuse_any()?;

    let below = cursor.as_deref().unwrap_or(ABOVE_ALL);
    let mut customers = ListCustomers { below, limit: page.limit() }.query()?;
    let next_cursor = page.cut(&mut customers, |customer| &customer.id);
    Ok(respond::json(StatusCode::OK, &Page { customers, next_cursor }))
}
