use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;
use wasmtime_wasi_http::WasiBody;

use super::connection::BODY_LIMIT_BYTES;
use crate::answers::problem;

/// The time that a body may take to arrive. It is read before an instance is occupied, so a slow sender costs a
/// connection and nothing else.
const BODY_TIME: Duration = Duration::from_secs(10);

/// How long, and how many bytes of, a refused body is still read.
const DRAIN_TIME: Duration = Duration::from_secs(1);
const DRAIN_LIMIT_BYTES: usize = 1 << 20;

/// Why there is no body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BodyFault {
    TooLarge,
    /// It ended before it was complete, or is malformed by the rules of HTTP.
    Broken,
    /// It did not arrive in its time.
    Late,
}

impl BodyFault {
    pub fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
        }
    }
}

/// Reads the whole body, within the limits on its size and time.
pub(super) async fn read_body(request: Request<Incoming>) -> Result<Request<Bytes>, Response<WasiBody>> {
    let (head, body) = request.into_parts();
    match collect_body(body, BODY_LIMIT_BYTES).await {
        Ok(body) => Ok(Request::from_parts(head, body)),
        Err(fault) => {
            let detail = match fault {
                BodyFault::TooLarge => "The body may have at most 64 KiB (65,536 bytes).",
                BodyFault::Broken => "The body ended before it was complete.",
                BodyFault::Late => "The body did not arrive within 10 s.",
            };
            Err(problem(fault.status(), detail))
        }
    }
}

/// Reads a body of at most so many bytes, within its time.
pub async fn collect_body(mut body: Incoming, limit_bytes: usize) -> Result<Bytes, BodyFault> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    // A length that is announced need not be waited for.
    let announced = body.size_hint().lower() > limit_bytes as u64;
    let collected =
        async { if announced { None } else { Some(Limited::new(&mut body, limit_bytes).collect().await) } };
    match timeout(BODY_TIME, collected).await {
        Ok(Some(Ok(body))) => Ok(body.to_bytes()),
        Ok(Some(Err(error))) if !error.is::<LengthLimitError>() => Err(BodyFault::Broken),
        Ok(_) => {
            drain_body(body).await;
            Err(BodyFault::TooLarge)
        }
        Err(_) => Err(BodyFault::Late),
    }
}

/// Reads on for a moment after a refusal, and keeps nothing: a client that is still sending when the connection is closed never sees
/// the answer.
pub(super) async fn drain_body(mut body: Incoming) {
    let drained = async {
        let mut left = DRAIN_LIMIT_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let count = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(count) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    let _ = timeout(DRAIN_TIME, drained).await;
}
