use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::HttpBody;
use bytes::Bytes;
use http::{HeaderMap, header};
use http_body::{Frame, SizeHint};
use wasip2::http::types::{self, IncomingRequest};
use wasip2::io::streams::{InputStream, StreamError};

/// The most that one read brings, in bytes.
const MAX_FRAME_BYTES: u64 = 64 * 1024;

/// A request's body, fetched from the host when an operation asks for it. It is never pending: a read blocks.
pub struct IncomingBody {
    state: State,
    /// What is still to come, where the request has announced it.
    rest_bytes: Option<u64>,
}

enum State {
    Unopened(IncomingRequest),
    /// The stream is a child of the body, so it stands first and is dropped first.
    Open {
        stream: InputStream,
        _body: types::IncomingBody,
    },
    Ended,
}

/// Why a body did not arrive.
#[derive(Debug)]
pub struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body did not arrive completely")
    }
}

impl std::error::Error for Interrupted {}

impl IncomingBody {
    /// The body of a request with these headers.
    pub fn new(request: IncomingRequest, headers: &HeaderMap) -> IncomingBody {
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let state = if announced == Some(0) { State::Ended } else { State::Unopened(request) };
        IncomingBody { state, rest_bytes: announced }
    }

    fn read(&mut self) -> Option<Result<Bytes, Interrupted>> {
        // After the announced length the end is known; to ask the host for it would be one more call.
        if self.rest_bytes == Some(0) {
            self.state = State::Ended;
        }
        if let State::Unopened(request) = &self.state {
            self.state = match open(request) {
                Some(open) => open,
                None => return Some(Err(Interrupted)),
            };
        }
        let State::Open { stream, .. } = &self.state else { return None };
        match stream.blocking_read(MAX_FRAME_BYTES) {
            Ok(bytes) => {
                if let Some(rest) = &mut self.rest_bytes {
                    *rest = rest.saturating_sub(bytes.len() as u64);
                }
                Some(Ok(Bytes::from(bytes)))
            }
            Err(StreamError::Closed) => {
                self.state = State::Ended;
                None
            }
            Err(StreamError::LastOperationFailed(_)) => {
                self.state = State::Ended;
                Some(Err(Interrupted))
            }
        }
    }
}

fn open(request: &IncomingRequest) -> Option<State> {
    let body = request.consume().ok()?;
    let stream = body.stream().ok()?;
    Some(State::Open { stream, _body: body })
}

impl HttpBody for IncomingBody {
    type Data = Bytes;
    type Error = Interrupted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Interrupted>>> {
        Poll::Ready(self.read().map(|read| read.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.state, State::Ended)
    }

    fn size_hint(&self) -> SizeHint {
        self.rest_bytes.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
