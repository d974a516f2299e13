use askama::Template;
use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use serde::Deserialize;
use uuid::Uuid;
use wasmtime_wasi_http::WasiBody;

use super::api::{self, Invoice};
use super::page::{Visit, notice, render, with_header};
use super::shared::Shared;
use crate::pages::{Moment, money, parameter};
use crate::service_client::request;

/// Invoices of a page.
const PAGE: usize = 25;

/// The documents of an invoice: the last segment of their paths, and their media types. A link cannot set `Accept`.
const DOCUMENTS: [(&str, &str); 4] = [
    ("page", "text/html"),
    ("invoice.pdf", "application/pdf"),
    ("invoice.xml", "application/xml"),
    ("invoice.json", "application/json"),
];

#[derive(Template)]
#[template(path = "invoices.html")]
struct List<'a> {
    visit: &'a Visit,
    invoices: Vec<Row>,
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "invoice.html")]
struct Page<'a> {
    visit: &'a Visit,
    invoice: Row,
    lines: Vec<(String, String)>,
}

struct Row {
    id: String,
    order: String,
    number: String,
    customer: String,
    amount: String,
    status: String,
    created: Option<Moment>,
    issued: String,
    paid: Option<String>,
    due: String,
}

impl From<&Invoice> for Row {
    fn from(invoice: &Invoice) -> Self {
        Self {
            id: invoice.id.clone(),
            order: invoice.order_id.clone(),
            number: invoice.number.clone(),
            customer: invoice.customer_id.clone(),
            amount: money(invoice.amount, &invoice.currency),
            status: invoice.status.clone(),
            created: Moment::read(&invoice.created_at),
            issued: invoice.issue_date.clone(),
            paid: invoice.payment_date.clone(),
            due: invoice.due_date.clone(),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InvoicesPage {
    invoices: Vec<Invoice>,
    next_cursor: Option<String>,
}

/// A page of invoices, the newest first.
pub(super) async fn list(console: &Shared, visit: &Visit, query: &str) -> Response<WasiBody> {
    let mut path = format!("/invoices?limit={PAGE}");
    if let Some(cursor) = parameter(query, "cursor") {
        path += "&cursor=";
        path.extend(form_urlencoded::byte_serialize(cursor.as_bytes()));
    }
    match api::get::<InvoicesPage>(&console.system.invoices, visit, &path).await {
        Ok(page) => render(&List {
            visit,
            invoices: page.invoices.iter().map(Row::from).collect(),
            next: page.next_cursor.map(|cursor| {
                form_urlencoded::Serializer::new(String::new()).append_pair("cursor", &cursor).finish()
            }),
        }),
        Err(refused) => refused.page(visit),
    }
}

/// The page of an invoice.
pub(super) async fn page(console: &Shared, visit: &Visit, id: Uuid) -> Response<WasiBody> {
    match api::get::<Invoice>(&console.system.invoices, visit, &format!("/invoices/{id}")).await {
        Ok(invoice) => {
            let row = Row::from(&invoice);
            let lines = api::describe(&invoice.lines, &invoice.currency);
            render(&Page { visit, invoice: row, lines })
        }
        Err(refused) if refused.is_missing() => {
            notice(visit, StatusCode::NOT_FOUND, "There is no such invoice.")
        }
        Err(refused) => refused.page(visit),
    }
}

/// One of its documents, from the invoices service.
pub(super) async fn document(console: &Shared, visit: &Visit, id: Uuid, name: &str) -> Response<WasiBody> {
    let Some((_, media_type)) = DOCUMENTS.iter().find(|(known, _)| *known == name) else {
        return notice(visit, StatusCode::NOT_FOUND, "There is no such document.");
    };
    let mut request = request(Method::GET, &format!("/invoices/{id}"), Bytes::new());
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static(media_type));
    let answer = api::ask(&console.system.invoices, visit, request).await;
    with_header(answer, header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}
