//! One attempt: a signed request and its answer.

use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use secrecy::{ExposeSecret as _, SecretString};
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

    /// Makes one attempt, signed with each of `secrets`, which ends within the limit.
    pub(crate) async fn post(&self, due: &Due, secrets: &[SecretString]) -> Attempt {
        let (attempted_at, begun) = (SystemTime::now(), Instant::now());
        let answered = match self.request(due, secrets, attempted_at) {
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

    fn request(
        &self,
        due: &Due,
        secrets: &[SecretString],
        now: SystemTime,
    ) -> Result<Request<Full<Bytes>>, String> {
        let to: Uri = due.url.parse().map_err(|_| "the address is not a URL".to_owned())?;
        connect::check(&to, self.allow_private)?;
        let id = due.event_id.to_string();
        let timestamp = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let sign = |secret: &SecretString| {
            Webhook::new(secret.expose_secret())
                .and_then(|key| key.sign(&id, i64::try_from(timestamp).unwrap_or(i64::MAX), &due.body))
                // The error of a key must not repeat it.
                .map_err(|_| "the event cannot be signed with the endpoint's secret".to_owned())
        };
        // One signature for each secret that counts, separated by spaces, as the specification says.
        let signature = secrets.iter().map(sign).collect::<Result<Vec<_>, _>>()?.join(" ");
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
        let retry_after = retry_after(answer.headers(), SystemTime::now());
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

/// The pause that the receiver asks for: seconds or a date (RFC 9110, section 10.2.3). A date is compared with the receiver's
/// own clock if it says what that shows.
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |name| text(name).and_then(|date| httpdate::parse_http_date(date).ok());
    let asked = text(header::RETRY_AFTER)?;
    if !asked.is_empty() && asked.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(asked.parse().unwrap_or(u64::MAX)));
    }
    let until = date(header::RETRY_AFTER)?;
    Some(until.duration_since(date(header::DATE).unwrap_or(now)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_by_a_date() {
        let now = httpdate::parse_http_date("Fri, 31 Dec 2027 23:59:00 GMT").unwrap();
        let asked = |retry_after: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, retry_after.parse().unwrap());
            date.map(|date| headers.insert(header::DATE, date.parse().unwrap()));
            super::retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(asked(" 120 ", None), Some(120));
        assert_eq!(asked("99999999999999999999999", None), Some(u64::MAX));
        assert_eq!(asked("Sat, 01 Jan 2028 00:01:00 GMT", None), Some(120));
        assert_eq!(asked("Saturday, 01-Jan-28 00:01:00 GMT", None), Some(120));
        // The receiver's clock is an hour ahead.
        let date = Some("Sat, 01 Jan 2028 00:59:00 GMT");
        assert_eq!(asked("Sat, 01 Jan 2028 01:01:00 GMT", date), Some(120));
        assert_eq!(asked("Fri, 31 Dec 2027 00:00:00 GMT", None), Some(0), "a date that has passed");
        for text in ["", "-1", "1.5", "soon", "+5"] {
            assert_eq!(asked(text, None), None, "{text}");
        }
    }
}
