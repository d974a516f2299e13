//! `GET /invoices?limit=&cursor=&orderId=`

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

use crate::invoice::Invoice;
use crate::sql::ListInvoices;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    invoices: Vec<Invoice>,
    next_cursor: NextCursor,
}

/// Lists invoices, newest first; with `orderId`, those of that order.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/invoices", tag = "invoices",
    params(waybill_service::openapi::PageQuery, crate::openapi::InvoicesQuery),
    responses((status = 200, description = "A page of invoices.", body = crate::openapi::InvoicesPage), OfQuery, Anytime)
))]
pub fn list_invoices(request: Request) -> Result<Response, Problem> {
    let ([limit, cursor, order_id], mut faults) =
        parameters(request.query(), &["limit", "cursor", "orderId"]);
    let page = PageRequest::read(limit.as_deref(), cursor.as_deref(), &mut faults);
    let order_id = order_id.and_then(|id| faults.note("orderId", fields::uuid(&id)));
    faults.refuse_any()?;

    let mut invoices = ListInvoices { below: page.below(), order_id, limit: page.limit() }.query()?;
    let next_cursor = page.cut(&mut invoices, |invoice| &invoice.id);
    Ok(respond::json(StatusCode::OK, &Page { invoices, next_cursor }))
}
