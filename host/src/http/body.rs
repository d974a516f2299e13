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

/// Reads the whole body, within the limits on its size and time.
pub(super) async fn read_body(request: Request<Incoming>) -> Result<Request<Bytes>, Response<WasiBody>> {
    let (head, mut body) = request.into_parts();
    if body.is_end_stream() {
        return Ok(Request::from_parts(head, Bytes::new()));
    }
    // A length that is announced need not be waited for.
    let announced = body.size_hint().lower() > BODY_LIMIT_BYTES as u64;
    let collected = async {
        if announced { None } else { Some(Limited::new(&mut body, BODY_LIMIT_BYTES).collect().await) }
    };
    let body = match timeout(BODY_TIME, collected).await {
        Ok(Some(Ok(body))) => body.to_bytes(),
        Ok(Some(Err(error))) if !error.is::<LengthLimitError>() => {
            return Err(problem(StatusCode::BAD_REQUEST, "The body ended before it was complete."));
        }
        Ok(_) => {
            drain_body(body).await;
            let detail = "The body may have at most 64 KiB (65,536 bytes).";
            return Err(problem(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        Err(_) => return Err(problem(StatusCode::REQUEST_TIMEOUT, "The body did not arrive within 10 s.")),
    };
    Ok(Request::from_parts(head, body))
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
