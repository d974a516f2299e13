//! A client of the services, with the rights of any other caller.

use bytes::Bytes;
use http::{HeaderName, Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasmtime_wasi_http::WasiBody;
use waybill_contracts::Decimal;

use super::page::{Visit, notice};
use crate::http::ComponentService;
use crate::pages::price;
use crate::service_client::{Refused, read, request};

/// An order, as far as pages show it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Order {
    pub id: String,
    pub customer_id: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub created_at: String,
    #[serde(default)]
    pub lines: Vec<Line>,
}

/// A line of an order or of an invoice.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub sku: String,
    pub description: String,
    pub quantity: Decimal,
    pub unit_price: Decimal,
}

/// An invoice, as far as pages show it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invoice {
    pub id: String,
    pub order_id: String,
    pub number: String,
    pub customer_id: String,
    pub amount: i64,
    pub currency: String,
    pub status: String,
    pub created_at: String,
    pub issue_date: String,
    pub payment_date: Option<String>,
    pub due_date: String,
    #[serde(default)]
    pub lines: Vec<Line>,
}

/// Lines for people: what, and what each costs.
pub(super) fn describe(lines: &[Line], currency: &str) -> Vec<(String, String)> {
    let line = |line: &Line| {
        let each = price(line.unit_price, currency);
        (format!("{} × {}", line.quantity, line.description), format!("{}, {each} each", line.sku))
    };
    lines.iter().map(line).collect()
}

impl Refused {
    pub(super) fn page(&self, visit: &Visit) -> Response<WasiBody> {
        let Self { status, problem } = self;
        let text = if problem.detail.is_empty() { "The service gave no reason." } else { &problem.detail };
        notice(visit, *status, text)
    }

    pub(super) fn is_missing(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }
}

/// Sends a request to a service, with the key of the visitor.
pub(super) async fn ask(
    service: &ComponentService,
    visit: &Visit,
    request: Request<Bytes>,
) -> Response<WasiBody> {
    let mut request = request;
    if let Some(key) = &visit.key {
        request.headers_mut().insert(HeaderName::from_static("x-api-key"), key.clone());
    }
    service.ask(request, visit.requires_keys).await
}

pub(super) async fn get<T: DeserializeOwned>(
    service: &ComponentService,
    visit: &Visit,
    path: &str,
) -> Result<T, Refused> {
    read(ask(service, visit, request(Method::GET, path, Bytes::new())).await).await
}

/// `body` is JSON.
pub(super) async fn put<T: DeserializeOwned>(
    service: &ComponentService,
    visit: &Visit,
    path: &str,
    body: String,
) -> Result<T, Refused> {
    read(ask(service, visit, request(Method::PUT, path, body.into())).await).await
}

/// `body` is JSON, or empty.
pub(super) async fn post<T: DeserializeOwned>(
    service: &ComponentService,
    visit: &Visit,
    path: &str,
    body: String,
) -> Result<T, Refused> {
    read(ask(service, visit, request(Method::POST, path, body.into())).await).await
}
