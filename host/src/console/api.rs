//! A client of the services, with the rights of any other caller.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use wasmtime_wasi_http::WasiBody;

use super::page::{Visit, notice};
use crate::http::ComponentService;
use crate::pages::money;

/// The largest answer, in bytes: a PDF of a long invoice.
const ANSWER_BYTES: usize = 8 << 20;

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
    pub quantity: i64,
    pub unit_price: i64,
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
    pub due_date: String,
    #[serde(default)]
    pub lines: Vec<Line>,
}

/// The problem document of a refusal.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Problem {
    #[serde(default)]
    pub detail: String,
    #[serde(default)]
    pub errors: Vec<FieldError>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FieldError {
    pub field: String,
    pub rule: String,
}

#[derive(Debug)]
pub(super) struct Refused {
    pub status: StatusCode,
    pub problem: Problem,
}

/// Lines for people: what, and what each costs.
pub(super) fn describe(lines: &[Line], currency: &str) -> Vec<(String, String)> {
    let line = |line: &Line| {
        let each = money(line.unit_price, currency);
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
    let headers = request.headers_mut();
    headers.insert(header::HOST, HeaderValue::from_static("localhost"));
    if let Some(key) = &visit.key {
        headers.insert(HeaderName::from_static("x-api-key"), key.clone());
    }
    service.ask(request, visit.requires_keys).await
}

pub(super) async fn get<T: DeserializeOwned>(
    service: &ComponentService,
    visit: &Visit,
    path: &str,
) -> Result<T, Refused> {
    read(ask(service, visit, to(Method::GET, path, Bytes::new())).await).await
}

/// `body` is JSON, or empty.
pub(super) async fn post<T: DeserializeOwned>(
    service: &ComponentService,
    visit: &Visit,
    path: &str,
    body: String,
) -> Result<T, Refused> {
    let mut request = to(Method::POST, path, body.into());
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    read(ask(service, visit, request).await).await
}

pub(super) fn to(method: Method, path: &str, body: Bytes) -> Request<Bytes> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    // All paths are made of identifiers and encoded parameters.
    *request.uri_mut() = path.parse().unwrap_or_default();
    request
}

async fn read<T: DeserializeOwned>(response: Response<WasiBody>) -> Result<T, Refused> {
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if !status.is_success() {
        return Err(Refused { status, problem: serde_json::from_slice(&body).unwrap_or_default() });
    }
    serde_json::from_slice(&body).map_err(|error| {
        let detail = format!("The answer of the service could not be read ({error}).");
        Refused { status: StatusCode::BAD_GATEWAY, problem: Problem { detail, errors: Vec::new() } }
    })
}
