//! `GET /invoices/{id}`

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use http::HeaderMap;
use waybill_service::routes::{id_in_path, not_found};
use waybill_service::{Problem, sql as database};

use crate::invoice::Invoice;
#[cfg(not(target_family = "wasm"))]
use crate::openapi::{InLanguage, NotAcceptable, Pdf};
use crate::representation::{Wanted, varying};
use crate::sql::SHOW_INVOICE;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath};

/// Shows one invoice in the representation that the client prefers; JSON where it does not mind.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/invoices/{id}", tag = "invoices",
    params(("id" = String, Path), InLanguage),
    responses(
        (status = 200, description = "The invoice; a page to print or a PDF, in the language of `Accept-Language`; or UBL 2.1 \
            by EN 16931 (Peppol BIS Billing 3.0).", content(
            (Invoice = "application/json"), (String = "text/html"), (Pdf = "application/pdf"), (String = "application/xml")
        ), headers(("Content-Language" = String, description = "Of a page and of a PDF."))),
        NotAcceptable, OfPath, Anytime
    )
))]
pub async fn show_invoice(path: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    varying(show(path, &headers))
}

fn show(path: Result<Path<String>, PathRejection>, headers: &HeaderMap) -> Result<Response, Problem> {
    let id = id_in_path(path)?;
    let wanted = Wanted::read(headers)?;
    let row = database::query(&SHOW_INVOICE, &[database::uuid(id)])?.pop().ok_or_else(not_found)?;
    let invoice = Invoice::from_row(row)?;
    wanted.represent(headers, &invoice, || invoice.document())
}
