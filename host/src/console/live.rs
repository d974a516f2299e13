//! News for open pages, as server-sent events: `depths` after each measurement of the depths, `order` with its identifier when an
//! order's timeline changes. Pages then load the parts of them that have changed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, Response, StatusCode, header};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use tokio::sync::{OwnedSemaphorePermit, broadcast};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wasmtime_wasi_http::{Error, WasiBody};

use super::shared::Shared;
use crate::answers::problem;
use crate::depths::DepthWatch;

/// The longest silence. Proxies close a connection that is silent for longer.
const SILENCE: Duration = Duration::from_secs(15);

struct Watcher {
    changes: broadcast::Receiver<Uuid>,
    depths: DepthWatch,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
}

/// The stream of news.
pub(super) fn events(console: &Shared) -> Response<WasiBody> {
    let Ok(place) = Arc::clone(&console.watchers).try_acquire_owned() else {
        return problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many pages are open already. Try again in a moment.",
        );
    };
    let system = &console.system;
    let watcher = Watcher {
        changes: system.timelines.changes(),
        depths: system.depths.clone(),
        stop: system.stop.clone(),
        _place: place,
    };
    let stream = stream::unfold(watcher, |mut watcher| async move {
        let text = watcher.next().await?;
        Some((Ok::<_, Error>(Frame::data(text)), watcher))
    });
    let mut response = Response::new(StreamBody::new(stream).boxed_unsync());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

impl Watcher {
    /// The next piece of news; `None` when the process ends, so that it need not wait for this.
    async fn next(&mut self) -> Option<Bytes> {
        let next = async {
            tokio::select! {
                () = self.depths.changed() => Some("event: depths\ndata:\n\n".to_owned()),
                change = self.changes.recv() => match change {
                    Ok(order) => Some(format!("event: order\ndata: {order}\n\n")),
                    // A page that missed changes loads everything again.
                    Err(broadcast::error::RecvError::Lagged(_)) => Some("event: order\ndata: *\n\n".to_owned()),
                    Err(broadcast::error::RecvError::Closed) => None,
                },
            }
        };
        let next = timeout(SILENCE, next);
        let text = self.stop.run_until_cancelled(next).await?.unwrap_or(Some(":\n\n".to_owned()))?;
        Some(Bytes::from(text))
    }
}
