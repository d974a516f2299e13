//! The API as a client on any machine sees it, for commands that place orders and show invoices.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::{sleep, timeout};
use waybill_backoff::Backoff;
use waybill_telemetry::with_causes;

use crate::help::Topic;
use crate::service_client::{Problem, Refusal};
use crate::settings::ClientSettings;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The time for one answer: longer than a request may take in any of our hosts.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// The largest answer, in bytes: a PDF of a long invoice, or a page of long orders.
const ANSWER_BYTES: usize = 32 << 20;

/// How many bytes the head of an answer may have.
const HEAD_BYTES: usize = 32 << 10;

/// How often a request is sent whose answer was lost or says "later", and the pauses between.
const ATTEMPTS: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Asks the services that the settings name.
pub struct ApiClient {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    base: Uri,
    key: Option<HeaderValue>,
}

/// A success.
pub struct Answer {
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_slice(&self.body).context("the answer is not JSON: is this the address of Waybill?")
    }
}

impl ApiClient {
    pub fn new(settings: &ClientSettings) -> anyhow::Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_connect_timeout(Some(CONNECT_LIMIT));
        let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
        let client = Client::builder(TokioExecutor::new())
            .http1_max_buf_size(HEAD_BYTES)
            .build(https.wrap_connector(tcp));
        let key = settings.api_key.as_ref().map(|key| {
            let mut value = HeaderValue::from_str(key.expose()).map_err(|_| {
                anyhow!("WAYBILL_API_KEY (--api-key) is not an API key; it has only letters, digits, - and _")
            })?;
            value.set_sensitive(true);
            anyhow::Ok(value)
        });
        Ok(Self { client, base: settings.url.clone(), key: key.transpose()? })
    }

    /// Reads what is at `target`, in the representation that `headers` ask for.
    pub async fn get(&self, target: &str, headers: HeaderMap) -> anyhow::Result<Answer> {
        self.ask(Method::GET, target, headers, Bytes::new(), None).await
    }

    /// Creates something; `idempotency_key` is what makes a second attempt the same request. `if_lost` says what to do where no answer
    /// said whether it took effect.
    pub async fn post(
        &self,
        target: &str,
        idempotency_key: HeaderValue,
        body: Bytes,
        if_lost: &str,
    ) -> anyhow::Result<Answer> {
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (header::HeaderName::from_static("idempotency-key"), idempotency_key),
        ];
        self.ask(Method::POST, target, headers.into_iter().collect(), body, Some(if_lost)).await
    }

    async fn ask(
        &self,
        method: Method,
        target: &str,
        headers: HeaderMap,
        body: Bytes,
        if_lost: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let give_up = |error: anyhow::Error| match if_lost {
            Some(next) => error.context(next.to_owned()),
            None => error,
        };
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        let mut attempt = 1;
        loop {
            let request = self.request(&method, target, &headers, &body)?;
            let outcome = timeout(ANSWER_LIMIT, self.send(request)).await.unwrap_or_else(|_| {
                Err(Failure::Lost(anyhow!(
                    "{} did not answer within {} s",
                    self.base,
                    ANSWER_LIMIT.as_secs()
                )))
            });
            let (error, pause) = match outcome {
                Ok(answer) => return Ok(answer),
                Err(Failure::Refused(error)) => return Err(error),
                // Longer than a person at a terminal waits.
                Err(Failure::Later(error, Some(asked))) if asked > LONGEST_PAUSE => {
                    return Err(give_up(error));
                }
                Err(Failure::Later(error, pause)) => (error, pause),
                Err(Failure::Lost(error)) => (error, None),
            };
            if attempt == ATTEMPTS {
                return Err(give_up(error));
            }
            attempt += 1;
            let own = backoff.next_delay();
            sleep(pause.unwrap_or(own)).await;
        }
    }

    fn request(
        &self,
        method: &Method,
        target: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> anyhow::Result<Request<Full<Bytes>>> {
        let mut parts = self.base.clone().into_parts();
        parts.path_and_query = Some(target.parse()?);
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = method.clone();
        *request.uri_mut() = Uri::from_parts(parts)?;
        request.headers_mut().extend(headers.clone());
        if let Some(key) = &self.key {
            request.headers_mut().insert("x-api-key", key.clone());
        }
        Ok(request)
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, Failure> {
        let asked = request.uri().clone();
        let answer = self.client.request(request).await.map_err(|error| {
            let next = "is it running? `waybill up` serves it, and WAYBILL_URL (--url) names another address";
            let (base, causes) = (&self.base, with_causes(&error));
            let text = format!("{base} cannot be reached ({causes}); {next}");
            Failure::Lost(Topic::Services.says(text).into())
        })?;
        let (parts, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER_BYTES).collect().await;
        let body =
            body.map_err(|error| Failure::Lost(anyhow!("the answer did not arrive: {error}")))?.to_bytes();
        if parts.status.is_success() {
            return Ok(Answer { headers: parts.headers, body });
        }
        let refusal = refusal(parts.status, &body, &asked).into();
        Err(match parts.status {
            StatusCode::TOO_MANY_REQUESTS
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::BAD_GATEWAY
            | StatusCode::GATEWAY_TIMEOUT => Failure::Later(refusal, retry_after(&parts.headers)),
            _ => Failure::Refused(refusal),
        })
    }
}

/// Why a request has no answer that can be used.
enum Failure {
    /// Whether it took effect is not known.
    Lost(anyhow::Error),
    /// It may succeed after this pause. Whatever happened, it has its effect once: each `POST` has a key.
    Later(anyhow::Error, Option<Duration>),
    /// It never will.
    Refused(anyhow::Error),
}

/// The service's own words, and what they mean for a command.
fn refusal(status: StatusCode, body: &[u8], asked: &Uri) -> Refusal {
    let problem: Problem = serde_json::from_slice(body).unwrap_or_default();
    let Refusal { text, help } = problem.refusal(status);
    let next = match status {
        StatusCode::UNAUTHORIZED => "\n  A command sends the key that WAYBILL_API_KEY has.".to_owned(),
        StatusCode::NOT_FOUND => {
            format!(
                "\n  {asked} was asked; WAYBILL_URL (--url) names the gateway, which serves both services."
            )
        }
        StatusCode::NOT_ACCEPTABLE => {
            "\n  In a command these are --as pdf, html, ubl, cii, xrechnung and peppol.".to_owned()
        }
        _ => String::new(),
    };
    Refusal { text: text + &next, help }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}
