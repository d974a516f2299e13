use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long, and how many bytes of, a body that no one read are still read.
const DRAIN_TIME: Duration = Duration::from_secs(1);
const DRAIN_LIMIT_BYTES: usize = 1 << 20;

/// The body of a request. What its reader leaves of it comes back to the connection: where that is not read too, no next request can be
/// read, and the answer has to say that the connection closes (RFC 9112, 9.6).
pub struct RequestBody {
    /// `None` once it has been given back.
    body: Option<Incoming>,
    /// `None` once it is decided what is left.
    left: Option<oneshot::Sender<Option<Incoming>>>,
    /// Whether the client sends it only when it is asked to (100 Continue), which its first read does.
    is_withheld: bool,
}

/// What is left of a request's body.
pub(super) struct Left(Option<oneshot::Receiver<Option<Incoming>>>);

impl RequestBody {
    pub(super) fn new(body: Incoming, is_withheld: bool) -> (Self, Left) {
        let (left, back) = if body.is_end_stream() { (None, None) } else { Some(oneshot::channel()).unzip() };
        (Self { body: Some(body), left, is_withheld }, Left(back))
    }

    /// Leaves the rest to no one: its client is too slow to wait for it any longer.
    pub(super) fn give_up(mut self) {
        self.left = None;
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.is_withheld = false;
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let frame = ready!(Pin::new(body).poll_frame(context));
        match &frame {
            Some(Ok(_)) => {}
            None => drop(self.left.take().map(|left| left.send(None))),
            // Where a malformed one ends is unknown.
            Some(Err(_)) => self.left = None,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let Some(left) = self.left.take().filter(|_| !self.is_withheld) {
            let _ = left.send(self.body.take());
        }
    }
}

impl Left {
    /// Reads on for a moment, and keeps nothing; false if the end of the body has not come.
    pub(super) async fn read(self) -> bool {
        match self.0.map(|mut back| back.try_recv()) {
            None | Some(Ok(None)) => true,
            Some(Ok(Some(body))) => timeout(DRAIN_TIME, drain(body)).await.unwrap_or(false),
            Some(Err(_)) => false,
        }
    }
}

/// Reads a body; false if it is too large, or ends before it is complete.
async fn drain(mut body: Incoming) -> bool {
    let mut left = DRAIN_LIMIT_BYTES;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return false };
        let count = frame.data_ref().map_or(0, Bytes::len);
        match left.checked_sub(count) {
            Some(rest) => left = rest,
            None => return false,
        }
    }
    true
}
