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

const JSON: &str = "application/json";
const HTML: &str = "text/html";

/// Shows one invoice in the representation that the client prefers; JSON where it does not mind.
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
    let mut response =
        respond::with_body(StatusCode::OK, "text/html; charset=utf-8", invoice_page::render(invoice));
    let headers = response.headers_mut();
    // The page brings its style along and needs nothing else: whatever else came to stand in it would not be run.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    );
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
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
        let invoice = Invoice {
            id: String::new(),
            number: "2026-000001".into(),
            order_id: String::new(),
            customer_id: String::new(),
            amount: 1,
            currency: "EUR".into(),
            created_at: "2026-01-01T00:00:00.000Z".into(),
        };
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
