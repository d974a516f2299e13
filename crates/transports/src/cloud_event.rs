use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use thiserror::Error;
use tokio::time::timeout;
use waybill_contracts::DeliveryError;
use waybill_telemetry::{TraceContext, with_causes};

/// The time that a connection may take to be made.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// The time that a receiver may take for one event: longer than a request may take in `waybill serve`.
const ANSWER_LIMIT: Duration = Duration::from_secs(20);

/// How much of an answer is read, in bytes: it is only needed to say why an event was refused.
const ANSWER_BYTES: usize = 16 << 10;

/// How many bytes the head of an answer may have.
const HEAD_BYTES: usize = 32 << 10;

/// How much of it is shown, in characters.
const REASON_CHARS: usize = 500;

/// Idle connections that are kept for the next events.
const IDLE_CONNECTIONS: usize = 64;

/// How long they are kept: less than our own host keeps them (`IDLE_TIME` in `host/src/http/http_connection.rs`), or events would be sent on
/// connections that are just being closed.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// One event as CloudEvents 1.0 describes it.
#[derive(Clone, Debug)]
pub struct CloudEvent {
    /// `ce-id`.
    pub id: String,
    /// `ce-type`.
    pub event_type: String,
    /// When it happened, RFC 3339, if that is known.
    pub time: Option<String>,
    /// The trace that it belongs to.
    pub trace: Option<TraceContext>,
    /// Its data: JSON.
    pub data: Bytes,
}

/// Why an event was not taken by the receiver.
#[derive(Debug, Error)]
pub enum PostError {
    /// It did not arrive, or no answer came back; whether it took effect is not known then.
    #[error("the receiver cannot be reached")]
    Unreachable(#[source] hyper_util::client::legacy::Error),
    /// No answer came in time. Whether it took effect is not known.
    #[error("the receiver did not answer within {} s", ANSWER_LIMIT.as_secs())]
    TimedOut,
    /// It was answered, and not by a success.
    #[error("the receiver answered {status}: {reason}")]
    Answered {
        /// The answer's status.
        status: StatusCode,
        /// The beginning of its body.
        reason: String,
    },
    /// It cannot be put into a request.
    #[error("the event cannot be sent by HTTP")]
    Invalid(#[source] http::Error),
}

impl From<PostError> for DeliveryError {
    /// What a failed post means for the event: one table for the relay and for `waybill push`.
    ///
    /// Unavailable is all that a receiver says of every event alike: that it is not there, is overloaded or hangs, that the route
    /// to it leads elsewhere (a host that restarts answers 404 before its service is back), or that it does not know the sender (a
    /// token was rotated). To count that would turn a whole queue into dead letters for a fault of one setting.
    fn from(error: PostError) -> Self {
        let reason = with_causes(&error);
        match error {
            PostError::Unreachable(_) | PostError::TimedOut => Self::Unavailable(reason),
            PostError::Invalid(_) => Self::Rejected(reason),
            PostError::Answered { status, .. } => match status {
                StatusCode::UNAUTHORIZED
                | StatusCode::FORBIDDEN
                | StatusCode::NOT_FOUND
                | StatusCode::METHOD_NOT_ALLOWED
                | StatusCode::PROXY_AUTHENTICATION_REQUIRED
                | StatusCode::REQUEST_TIMEOUT
                | StatusCode::MISDIRECTED_REQUEST
                | StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT => Self::Unavailable(reason),
                status if status.is_client_error() => Self::Rejected(reason),
                _ => Self::Failed(reason),
            },
        }
    }
}

/// Posts events in the binary mode of the CloudEvents HTTP binding (1.0.2, section 3.1).
#[derive(Clone)]
pub struct Poster {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    to: Uri,
    authorization: Option<HeaderValue>,
}

impl Poster {
    /// Posts to `to`, with `token` as bearer token. An error says that the system's certificates cannot be read.
    pub fn new(to: Uri, token: Option<&str>) -> anyhow::Result<Self> {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_LIMIT));
        tcp.set_keepalive(Some(Duration::from_secs(15)));
        let https = HttpsConnectorBuilder::new().with_native_roots()?.https_or_http().enable_http1();
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(KEEP_ALIVE)
            .http1_max_buf_size(HEAD_BYTES)
            .build(https.wrap_connector(tcp));
        let authorization = token.map(bearer).transpose()?;
        Ok(Self { client, to, authorization })
    }

    /// Posts one event. `Ok` means that the receiver answered with a success.
    pub async fn post(&self, event: CloudEvent) -> Result<(), PostError> {
        let request = self.request(event)?;
        timeout(ANSWER_LIMIT, self.send(request)).await.unwrap_or(Err(PostError::TimedOut))
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<(), PostError> {
        let answer = self.client.request(request).await;
        let answer = answer.map_err(PostError::Unreachable)?;
        let status = answer.status();
        // Read also on success, so that the connection can be used again. An answer that breaks off after its status
        // has said what matters.
        let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
        if status.is_success() {
            return Ok(());
        }
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        Err(PostError::Answered { status, reason: reason(&body) })
    }

    fn request(&self, event: CloudEvent) -> Result<Request<Full<Bytes>>, PostError> {
        let mut request = Request::post(self.to.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("ce-specversion", "1.0")
            .header("ce-source", "/waybill/orders")
            .header("ce-id", event.id)
            .header("ce-type", event.event_type);
        if let Some(time) = event.time {
            request = request.header("ce-time", time);
        }
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let mut request = request.body(Full::new(event.data)).map_err(PostError::Invalid)?;
        if let Some(trace) = event.trace {
            let pairs = [("traceparent", Some(trace.traceparent)), ("tracestate", trace.tracestate)];
            for (name, value) in pairs {
                if let Some(Ok(value)) = value.map(|value| HeaderValue::from_str(&value)) {
                    request.headers_mut().insert(HeaderName::from_static(name), value);
                }
            }
        }
        Ok(request)
    }
}

fn bearer(token: &str) -> anyhow::Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The `detail` of a problem document, or else the beginning of the answer.
pub(crate) fn reason(body: &[u8]) -> String {
    let detail = serde_json::from_slice::<serde_json::Value>(body)
        .ok()
        .and_then(|problem| Some(problem.get("detail")?.as_str()?.to_owned()));
    detail.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned()).chars().take(REASON_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_receiver_says_of_this_event_counts_against_it() {
        let answered = |status: u16| {
            let status = StatusCode::from_u16(status).expect("a status");
            DeliveryError::from(PostError::Answered { status, reason: "because".to_owned() })
        };
        for status in [401, 403, 404, 405, 407, 408, 421, 429, 502, 503, 504] {
            assert!(matches!(answered(status), DeliveryError::Unavailable(_)), "{status}");
        }
        for status in [400, 406, 409, 410, 413, 415, 422, 451] {
            assert!(matches!(answered(status), DeliveryError::Rejected(_)), "{status}");
        }
        for status in [302, 500, 501, 505] {
            assert!(matches!(answered(status), DeliveryError::Failed(_)), "{status}");
        }
        assert!(matches!(DeliveryError::from(PostError::TimedOut), DeliveryError::Unavailable(_)));
    }

    #[tokio::test]
    async fn a_receiver_that_is_not_there_is_unavailable_and_an_event_with_a_line_break_is_rejected() {
        let poster = Poster::new(Uri::from_static("http://127.0.0.1:1/events"), None).unwrap();
        let post = async |id: &str| {
            let event_type = "order.created".to_owned();
            let event =
                CloudEvent { id: id.to_owned(), event_type, time: None, trace: None, data: Bytes::new() };
            poster.post(event).await.map_err(DeliveryError::from).unwrap_err()
        };
        assert!(matches!(post("a").await, DeliveryError::Unavailable(_)));
        assert!(matches!(post("a\nb").await, DeliveryError::Rejected(_)));
    }
}
