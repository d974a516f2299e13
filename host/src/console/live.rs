//! News for open pages, as server-sent events: `depths` after each measurement of the depths, `build` when the state of the builds of `waybill dev` changes, `order` with its identifier when an
//! order's timeline changes. Pages then load the parts of them that have changed.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::stream;
use http::{HeaderValue, Response, header};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use tokio::sync::{broadcast, watch};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;
use wasmtime_wasi_http::{Error, WasiBody};

use super::page::Visit;
use super::rights::Rights;
use super::shared::Shared;
use crate::depths::DepthWatch;
use crate::dev::{BuildState, Builds};

/// The longest silence. Proxies close a connection that is silent for longer.
const SILENCE: Duration = Duration::from_secs(15);

/// What the browser waits before it opens the next stream, in milliseconds.
const RETRY: &str = "retry: 2000\n\n";

struct Watcher {
    changes: broadcast::Receiver<Uuid>,
    shows_orders: bool,
    depths: DepthWatch,
    builds: Option<watch::Receiver<BuildState>>,
    stop: CancellationToken,
    until: Instant,
    begun: bool,
}

/// How long a stream lasts. The browser opens the next one, whose key is checked again.
const LIFE: Duration = Duration::from_mins(5);

/// The stream of news. How many there may be of one address is the listener's concern (`docs/limits.md`).
pub(super) fn events(console: &Shared, visit: &Visit) -> Response<WasiBody> {
    let system = &console.system;
    let watcher = Watcher {
        changes: system.timelines.changes(),
        shows_orders: visit.rights == Rights::Orders,
        depths: system.depths.clone(),
        builds: system.builds.as_ref().map(Builds::changes),
        stop: system.stop.clone(),
        until: Instant::now() + LIFE,
        begun: false,
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
    /// The next piece of news; `None` at the end of the stream's life, and when the process ends, so that it need not wait for this.
    async fn next(&mut self) -> Option<Bytes> {
        if !std::mem::replace(&mut self.begun, true) {
            return Some(Bytes::from_static(RETRY.as_bytes()));
        }
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return None;
        }
        let next = async {
            tokio::select! {
                () = self.depths.changed() => Some("event: depths\ndata:\n\n".to_owned()),
                () = changed(&mut self.builds) => Some("event: build\ndata:\n\n".to_owned()),
                change = self.changes.recv(), if self.shows_orders => match change {
                    Ok(order) => Some(format!("event: order\ndata: {order}\n\n")),
                    // A page that missed changes loads everything again.
                    Err(broadcast::error::RecvError::Lagged(_)) => Some("event: order\ndata: *\n\n".to_owned()),
                    Err(broadcast::error::RecvError::Closed) => None,
                },
            }
        };
        let next = timeout(SILENCE.min(left), next);
        let text = self.stop.run_until_cancelled(next).await?.unwrap_or(Some(":\n\n".to_owned()))?;
        Some(Bytes::from(text))
    }
}

/// Waits for a change of the builds; never ends where there are none.
async fn changed(builds: &mut Option<watch::Receiver<BuildState>>) {
    if let Some(builds) = builds
        && builds.changed().await.is_ok()
    {
        return;
    }
    std::future::pending::<()>().await;
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;
    use crate::timeline::{Step, Timelines};

    fn watcher(timelines: &Timelines, shows_orders: bool, life: Duration) -> Watcher {
        Watcher {
            changes: timelines.changes(),
            shows_orders,
            depths: crate::depths::DepthSources::default().watch(CancellationToken::new()).0,
            builds: None,
            stop: CancellationToken::new(),
            until: Instant::now() + life,
            begun: false,
        }
    }

    async fn all(watcher: Watcher) -> String {
        let frames = stream::unfold(watcher, |mut watcher| async move {
            let text = watcher.next().await?;
            Some((String::from_utf8(text.to_vec()).unwrap(), watcher))
        });
        frames.collect().await
    }

    #[tokio::test]
    async fn a_stream_ends_at_the_end_of_its_life_and_shows_orders_to_those_who_may_see_them() {
        let timelines = Timelines::default();
        for shows_orders in [true, false] {
            let watcher = watcher(&timelines, shows_orders, Duration::from_millis(200));
            let order = Uuid::now_v7();
            timelines.reached(order, Step::Published);
            let text = timeout(Duration::from_secs(20), all(watcher)).await.expect("an end");
            assert!(text.starts_with(RETRY), "{text}");
            assert_eq!(text.contains(&order.to_string()), shows_orders, "{text}");
        }
    }
}
