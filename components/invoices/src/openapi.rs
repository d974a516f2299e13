//! The service's OpenAPI document, made of the attributes of its operations and of what they read and write.

#![allow(dead_code, reason = "these types are described, and never made")]

use serde::Deserialize;
use utoipa::openapi::OpenApi as OpenApiDocument;
use utoipa::openapi::schema::{Array, ArrayBuilder, Object, ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{IntoParams, IntoResponses, Modify, OpenApi, ToSchema};
use waybill_contracts::INVOICE_EVENTS;
use waybill_service::openapi::Problem;
use waybill_service::text::LineOfText;

use crate::credit_note::CreditNote;
use crate::invoice::Invoice;
use crate::webhooks::delivery::Delivery;
use crate::webhooks::endpoint::Endpoint;
use crate::webhooks::{
    create_endpoint, delete_endpoint, list_deliveries, list_endpoints, redeliver, show_delivery,
    show_endpoint,
};
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
        receive_event::receive_event,
        create_endpoint::create_endpoint,
        list_endpoints::list_endpoints,
        show_endpoint::show_endpoint,
        delete_endpoint::delete_endpoint,
        list_deliveries::list_deliveries,
        show_delivery::show_delivery,
        redeliver::redeliver
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

/// Which invoices.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct InvoicesQuery {
    /// Only those of this order.
    #[param(pattern = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
    order_id: Option<String>,
}

/// Where events of invoices are to be posted.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewEndpoint {
    /// The address: with TLS and on the Internet, unless a setting allows others.
    #[schema(
        max_length = 2048,
        pattern = r"^https://([A-Za-z0-9-]+\.)+[A-Za-z][A-Za-z0-9-]*(:[1-9][0-9]{0,3})?([/?][A-Za-z0-9._~:/?@!$&'()*+,;=%-]*)?$",
        example = "https://example.com/hooks"
    )]
    url: String,
    /// The types of the events that it gets; all of them unless told otherwise.
    #[schema(required = false, min_items = 1, schema_with = event_types)]
    event_types: Vec<String>,
    #[schema(required = false, schema_with = description)]
    description: String,
}

fn description() -> Object {
    LineOfText::LONG.schema().description(Some("What it is for, in words.")).build()
}

fn event_types() -> Array {
    let one = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(INVOICE_EVENTS));
    let described = ArrayBuilder::new().items(one).unique_items(true).min_items(Some(1));
    described
        .description(Some("The types of the events that it gets; all of them unless told otherwise."))
        .build()
}

/// A page of endpoints, newest first.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct EndpointsPage {
    /// The endpoints.
    webhook_endpoints: Vec<Endpoint>,
    /// The `cursor` of the next page, if there is one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// A page of deliveries, newest event first.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct DeliveriesPage {
    /// The deliveries.
    deliveries: Vec<Delivery>,
    /// The `cursor` of the next page, if there is one.
    #[schema(required = true)]
    next_cursor: Option<String>,
}

/// Which deliveries.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct DeliveriesQuery {
    /// Only those in this state.
    #[param(pattern = "^(pending|delivered|failed)$")]
    status: Option<String>,
}

/// An event that is posted again.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct Redelivery {
    /// The event.
    event_id: String,
    /// `pending`.
    status: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_openapi_document_and_the_reference_page_say_what_the_code_says() {
        waybill_service::openapi::assert_is_written("invoices", &Document::openapi());
    }
}
