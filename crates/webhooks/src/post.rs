//! One attempt: a signed request and its answer.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use secrecy::ExposeSecret as _;
use standardwebhooks::{HEADER_WEBHOOK_ID, HEADER_WEBHOOK_SIGNATURE, HEADER_WEBHOOK_TIMESTAMP, Webhook};
use tokio::time::timeout;
use waybill_telemetry::with_causes;

use crate::connect::{self, Connections};
use crate::delivery::{Attempt, Due};

/// How much of an answer is read, in bytes: enough to use the connection again after an ordinary one.
const ANSWER_BYTES: usize = 16 << 10;

/// How much of a refusal is kept in the log, in characters.
const REASON_CHARS: usize = 200;

const USER_AGENT: &str = concat!("Waybill/", env!("CARGO_PKG_VERSION"));

/// Posts events to their receivers.
#[derive(Clone)]
pub(crate) struct Poster {
    connections: Connections,
    allow_private: bool,
    answer_limit: Duration,
}

impl Poster {
    pub(crate) fn new(allow_private: bool, answer_limit: Duration) -> anyhow::Result<Self> {
        Ok(Self { connections: connect::connections(allow_private)?, allow_private, answer_limit })
    }

    /// Makes one attempt, which ends within the limit.
    pub(crate) async fn post(&self, due: &Due) -> Attempt {
        let (attempted_at, begun) = (SystemTime::now(), Instant::now());
        let answered = match self.request(due, attempted_at) {
            Ok(request) => timeout(self.answer_limit, self.send(request)).await.unwrap_or_else(|_| {
                Err(format!("no answer came within {} s", self.answer_limit.as_secs_f32()))
            }),
            Err(fault) => Err(fault),
        };
        let (status, retry_after, error) = match answered {
            Ok(Answer { status, retry_after, reason }) => (Some(status), retry_after, reason),
            Err(fault) => (None, None, Some(fault)),
        };
        Attempt { attempted_at, duration: begun.elapsed(), status, error, retry_after }
    }

    fn request(&self, due: &Due, now: SystemTime) -> Result<Request<Full<Bytes>>, String> {
        let to: Uri = due.url.parse().map_err(|_| "the address is no URL".to_owned())?;
        connect::check(&to, self.allow_private)?;
        let id = due.event_id.to_string();
        let timestamp = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let signed = Webhook::new(due.secret.expose_secret())
            .and_then(|key| key.sign(&id, i64::try_from(timestamp).unwrap_or(i64::MAX), &due.body));
        // The error of a key must not repeat it.
        let signature =
            signed.map_err(|_| "the event cannot be signed with the endpoint's secret".to_owned())?;
        Request::post(to)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::USER_AGENT, USER_AGENT)
            .header(HEADER_WEBHOOK_ID, id)
            .header(HEADER_WEBHOOK_TIMESTAMP, timestamp)
            .header(HEADER_WEBHOOK_SIGNATURE, signature)
            .body(Full::new(due.body.clone()))
            .map_err(|error| format!("the request cannot be made: {error}"))
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> Result<Answer, String> {
        let answer = self.connections.request(request).await;
        let answer =
            answer.map_err(|error| format!("the receiver cannot be reached: {}", with_causes(&error)))?;
        let status = answer.status();
        let retry_after = answer.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        // An answer that breaks off after its status has said what matters.
        let body = Limited::new(answer.into_body(), ANSWER_BYTES).collect().await;
        let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let reason = (!status.is_success()).then(|| {
            let text: String = String::from_utf8_lossy(&body).chars().take(REASON_CHARS).collect();
            format!("the receiver answered {status}: {text}")
        });
        Ok(Answer { status, retry_after, reason })
    }
}

struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
    /// Why it is not a success.
    reason: Option<String>,
}
