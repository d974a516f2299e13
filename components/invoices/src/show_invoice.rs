//! `GET /invoices/{id}`

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use waybill_service::routes::{id_in_path, not_found};
use waybill_service::{Problem, accept, respond, sql as database};

use crate::invoice::Invoice;
use crate::invoice_page;
use crate::sql::SHOW_INVOICE;
#[cfg(not(target_family = "wasm"))]
use waybill_service::openapi::{Anytime, OfPath, Problem as ProblemDocument};

const JSON: &str = "application/json";
const HTML: &str = "text/html";

/// Shows one invoice in the representation that the client prefers; JSON where it does not mind.
#[cfg_attr(not(target_family = "wasm"), utoipa::path(
    get, path = "/invoices/{id}", tag = "invoices",
    params(("id" = String, Path)),
    responses(
        (status = 200, description = "The invoice, or a page to print.", content(
            (Invoice = "application/json"), (String = "text/html")
        )),
        (status = 406, description = "The Accept header allows neither representation.", body = ProblemDocument,
            content_type = "application/problem+json"),
        OfPath, Anytime
    )
))]
pub async fn show_invoice(path: Result<Path<String>, PathRejection>, headers: HeaderMap) -> Response {
    let mut response = represent(path, &headers).unwrap_or_else(Problem::into_response);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("Accept"));
    response
}

fn represent(path: Result<Path<String>, PathRejection>, headers: &HeaderMap) -> Result<Response, Problem> {
    let id = id_in_path(path)?;
    let media_type = accept::preferred(headers, &[JSON, HTML]).ok_or_else(not_acceptable)?;
    let row = database::query(&SHOW_INVOICE, &[database::uuid(id)])?.pop().ok_or_else(not_found)?;
    let invoice = Invoice::from_row(row)?;
    Ok(if media_type == HTML { page_of(&invoice) } else { respond::json(StatusCode::OK, &invoice) })
}

fn page_of(invoice: &Invoice) -> Response {
    respond::page(invoice_page::render(invoice))
}

fn not_acceptable() -> Problem {
    Problem::new(
        StatusCode::NOT_ACCEPTABLE,
        "An invoice can be had as application/json or text/html; the Accept header allows neither.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_may_load_nothing() {
        let invoice = Invoice::example();
        let response = page_of(&invoice);
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        assert!(
            response.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'")
        );
    }

    #[test]
    fn a_client_that_accepts_neither_representation_gets_a_406() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_static("image/png"));
        let path = Ok(Path("019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d".to_owned()));
        assert_eq!(represent(path, &headers).unwrap_err().status(), 406);
    }
}
