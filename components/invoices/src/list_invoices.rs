//! `GET /invoices?limit=&cursor=&orderId=&sellerId=`

use http::StatusCode;
use uuid::Uuid;
use waybill_service::page::{CURSOR, LIMIT, PageRequest};
use waybill_service::request::Request;
use waybill_service::respond::{self, Response};
use waybill_service::rules::UUID;
use waybill_service::rules::parties::SELLER_ID;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Fields, Problem, endpoint, page};

use crate::invoice::Invoice;

statement!(ListInvoices, "sql/list_invoices.sql", row: Invoice);

/// Which invoices.
#[derive(Fields)]
pub struct InvoicesQuery {
    /// How many there are on a page, 20 if not given.
    #[rule(LIMIT)]
    limit: Option<u8>,
    /// The `nextCursor` of an earlier page.
    #[rule(CURSOR)]
    cursor: Option<Uuid>,
    /// Only those of this order.
    #[rule(UUID)]
    order_id: Option<Uuid>,
    /// Only those of this seller.
    #[rule(SELLER_ID)]
    seller_id: Option<String>,
}

page!(InvoicesPage, "A page of invoices, newest first.", invoices: Invoice);

/// Lists invoices, newest first; with `orderId`, those of that order, and with `sellerId`, those of that seller.
#[endpoint(
    GET "/invoices",
    scope = InvoicesRead,
    success(200, "A page of invoices.", InvoicesPage),
)]
pub fn list_invoices(request: Request<InvoicesQuery>) -> Result<Response, Problem> {
    let InvoicesQuery { limit, cursor, order_id, seller_id } = request.parameters()?;
    let page = PageRequest::new(limit, cursor);

    let selected =
        ListInvoices { below: page.below(), order_id, seller_id: seller_id.as_deref(), limit: page.limit() };
    let mut invoices = selected.query()?;
    let next_cursor = page.cut(&mut invoices, |invoice| &invoice.id);
    Ok(respond::json(StatusCode::OK, &InvoicesPage { invoices, next_cursor }))
}
