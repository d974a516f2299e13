//! `GET /invoices/{id}`

use waybill_service::request::Request;
use waybill_service::respond::Response;
use waybill_service::routes::no_such;
use waybill_service::sql::{Statement as _, statement};
use waybill_service::{Problem, endpoint};

use crate::invoice::Invoice;
#[cfg(not(target_family = "wasm"))]
use crate::representation::described::{InLanguage, NotAcceptable, Pdf};
use crate::representation::{Wanted, varying};

statement!(ShowInvoice, "sql/show_invoice.sql", row: Invoice);

/// Shows one invoice in the representation that the client prefers; JSON if it accepts anything.
#[endpoint(
    GET "/invoices/{id}",
    scope = InvoicesRead,
    params(InLanguage),
    responses(
        (
            status = 200,
            description = "The invoice; a page to print or a PDF, in the language of `Accept-Language`; or an electronic \
                invoice by EN 16931, as UBL 2.1 or as CII, by the rules of a profile.",
            content(
                (Invoice = "application/json"), (String = "text/html"), (Pdf = "application/pdf"), (String = "application/xml")
            ),
            headers(("Content-Language" = String, description = "Of a page and of a PDF."))
        ),
        NotAcceptable,
    ),
)]
pub fn show_invoice(request: Request) -> Response {
    varying(show(&request))
}

fn show(request: &Request) -> Result<Response, Problem> {
    let id = request.id(1)?;
    let wanted = Wanted::read(&request.headers)?;
    let invoice = ShowInvoice { invoice_id: id }.query_optional()?.ok_or_else(|| no_such("invoice", id))?;
    wanted.represent(&request.headers, &invoice, || invoice.document())
}
