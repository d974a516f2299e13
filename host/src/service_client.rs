//! Requests of this process to its own services, with the rules that hold for any other caller.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use thiserror::Error;
use wasmtime_wasi_http::WasiBody;

/// The largest answer, in bytes: a PDF of a long invoice.
const ANSWER_BYTES: usize = 8 << 20;

/// The problem document of a refusal.
#[derive(Debug, Default, Deserialize)]
pub struct Problem {
    #[serde(default)]
    pub detail: String,
    #[serde(default)]
    pub errors: Vec<FieldError>,
    /// The page that explains the status.
    #[serde(default)]
    pub help: Option<String>,
}

impl Problem {
    /// The refusal in the service's own words, each field on a line.
    pub fn refusal(self, status: StatusCode) -> Refusal {
        let Self { detail, errors, help } = self;
        if detail.is_empty() {
            return Refusal { text: format!("the service answered {status}"), help };
        }
        let fields = errors.into_iter().map(|FieldError { field, rule }| format!("  {field} {rule}"));
        Refusal { text: [detail].into_iter().chain(fields).collect::<Vec<_>>().join("\n"), help }
    }
}

/// Why a service refused what a command asked of it.
#[derive(Debug, Error)]
#[error("{text}")]
pub struct Refusal {
    pub text: String,
    /// The page that explains it.
    pub help: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct FieldError {
    pub field: String,
    pub rule: String,
}

#[derive(Debug)]
pub struct Refused {
    pub status: StatusCode,
    pub problem: Problem,
}

/// A request to a service. The body is JSON, or empty.
pub fn request(method: Method, path: &str, body: Bytes) -> Request<Bytes> {
    let mut request = Request::new(body);
    let headers = request.headers_mut();
    headers.insert(header::HOST, HeaderValue::from_static("localhost"));
    if !method.is_safe() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    *request.method_mut() = method;
    // All paths are made of identifiers and encoded parameters.
    *request.uri_mut() = path.parse().unwrap_or_default();
    request
}

/// Reads the answer of a service: JSON, or the problem document of a refusal.
pub async fn read<T: DeserializeOwned>(response: Response<WasiBody>) -> Result<T, Refused> {
    let status = response.status();
    let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    if !status.is_success() {
        return Err(Refused { status, problem: serde_json::from_slice(&body).unwrap_or_default() });
    }
    serde_json::from_slice(&body).map_err(|error| {
        let detail = format!("The answer of the service could not be read ({error}).");
        Refused { status: StatusCode::BAD_GATEWAY, problem: Problem { detail, ..Problem::default() } }
    })
}
