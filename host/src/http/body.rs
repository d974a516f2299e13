use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Body as _;
use tokio::time::timeout;
use wasmtime_wasi_http::WasiBody;

use super::connection::BODY_LIMIT_BYTES;
use super::request_body::RequestBody;
use crate::answers::problem;

/// The time that a body may take to arrive. It is read before an instance is occupied, so a slow sender costs a
/// connection and nothing else.
const BODY_TIME: Duration = Duration::from_secs(10);

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
pub(super) async fn read_body(request: Request<RequestBody>) -> Result<Request<Bytes>, Response<WasiBody>> {
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
pub async fn collect_body(mut body: RequestBody, limit_bytes: usize) -> Result<Bytes, BodyFault> {
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
        Ok(_) => Err(BodyFault::TooLarge),
        Err(_) => {
            body.give_up();
            Err(BodyFault::Late)
        }
    }
}
