//! The service's OpenAPI document, made of the attributes of its operations and of what they read and write.

#![allow(dead_code, reason = "these types are described, and never made")]

use utoipa::openapi::OpenApi as OpenApiDocument;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{IntoParams, IntoResponses, Modify, OpenApi, ToSchema};
use waybill_service::openapi::Problem;

use crate::credit_note::CreditNote;
use crate::invoice::Invoice;
use crate::{list_credit_notes, list_invoices, receive_event, show_credit_note, show_invoice};

/// The document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Waybill: invoices",
        version = "1.0.0",
        description = "Shows the invoices of orders, and credit notes. Each order has exactly one invoice, and numbers have no gap.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    paths(
        list_invoices::list_invoices,
        show_invoice::show_invoice,
        list_credit_notes::list_credit_notes,
        show_credit_note::show_credit_note,
        receive_event::receive_event
    ),
    modifiers(&Token),
    components(schemas(waybill_service::openapi::Problem, waybill_service::openapi::FieldError))
)]
pub struct Document;

/// The bearer token of senders of events.
struct Token;

impl Modify for Token {
    fn modify(&self, document: &mut OpenApiDocument) {
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        document.components.get_or_insert_default().add_security_scheme("token", scheme);
    }
}

/// A page of invoices, newest first.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct InvoicesPage {
    /// The invoices.
    invoices: Vec<Invoice>,
    /// The `cursor` of the next page, if there is one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// A page of credit notes, newest first.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct CreditNotesPage {
    /// The credit notes.
    credit_notes: Vec<CreditNote>,
    /// The `cursor` of the next page, if there is one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// Which page of credit notes.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct CreditNotesQuery {
    /// How many there are on a page, 20 unless told otherwise.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i32>,
    /// The `nextCursor` of an earlier page.
    #[param(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    cursor: Option<String>,
}

/// The bytes of a PDF.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
pub struct Pdf(Vec<u8>);

/// In which language.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub struct InLanguage {
    /// The languages of the reader (RFC 9110, section 12.5.4), for pages and PDFs. There are `de`, `en`, `es`, `fr` and `pt`;
    /// English is for everybody else.
    #[param(rename = "Accept-Language", example = "de-AT, en;q=0.5")]
    accept_language: Option<String>,
}

/// What a request for a representation may be answered with.
#[derive(IntoResponses)]
pub enum NotAcceptable {
    /// The Accept header allows none of the representations, or UBL only where EN 16931 has too few digits for an amount.
    #[response(status = 406, content_type = "application/problem+json")]
    NotAcceptable(Problem),
}

/// Which invoices, and which page of them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct InvoicesQuery {
    /// How many there are on a page, 20 unless told otherwise.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i32>,
    /// The `nextCursor` of an earlier page.
    #[param(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    cursor: Option<String>,
    /// Only those of this order.
    #[param(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    order_id: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_openapi_document_and_the_reference_page_say_what_the_code_says() {
        waybill_service::openapi::assert_is_written("invoices", &Document::openapi());
    }
}
