//! `GET /invoices?limit=&cursor=&orderId=`

use http::StatusCode;
use serde::Serialize;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfQuery};
use waybill_service::page::{NextCursor, PageRequest};
use waybill_service::query::parameters;
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::{Problem, fields, sql as database};

use crate::invoice::Invoice;
use crate::sql::{LIST_INVOICES, LIST_INVOICES_OF_ORDER};

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

    let rows = match order_id {
        None => database::query(&LIST_INVOICES, &[page.below(), page.limit()])?,
        Some(order_id) => {
            database::query(&LIST_INVOICES_OF_ORDER, &[page.below(), page.limit(), database::uuid(order_id)])?
        }
    };
    let mut invoices = rows.into_iter().map(Invoice::from_row).collect::<Result<Vec<_>, _>>()?;
    let next_cursor = page.cut(&mut invoices, |invoice| &invoice.id);
    Ok(respond::json(StatusCode::OK, &Page { invoices, next_cursor }))
}
