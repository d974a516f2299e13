//! News for pages that are open, as server-sent events: `depths` when there was a look at what waits, `order` with its identifier
//! when something happened to an order. Pages then ask for the parts of them that have changed.

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

use super::Inner;
use crate::depths::DepthWatch;
use crate::http::problem;

/// How many may watch at the same time.
pub(super) const WATCHERS: usize = 64;

/// The longest silence: proxies take a longer one for a lost connection.
const SILENCE: Duration = Duration::from_secs(15);

struct Watcher {
    news: broadcast::Receiver<Uuid>,
    depths: DepthWatch,
    stop: CancellationToken,
    _place: OwnedSemaphorePermit,
}

/// The stream of news.
pub(super) fn events(console: &Inner) -> Response<WasiBody> {
    let Ok(place) = Arc::clone(&console.watchers).try_acquire_owned() else {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "Too many watch already.");
    };
    let parts = &console.parts;
    let watcher = Watcher {
        news: parts.journal.news(),
        depths: parts.depths.clone(),
        stop: parts.stop.clone(),
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
    /// The next piece of news; none when the process ends, so that it need not wait for this.
    async fn next(&mut self) -> Option<Bytes> {
        let next = async {
            tokio::select! {
                () = self.depths.changed() => Some("event: depths\ndata:\n\n".to_owned()),
                news = self.news.recv() => match news {
                    Ok(order) => Some(format!("event: order\ndata: {order}\n\n")),
                    // Whoever was too slow looks at everything anew.
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
