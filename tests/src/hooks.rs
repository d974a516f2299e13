//! A receiver of webhooks that records requests and answers as a test configures.

use std::collections::VecDeque;
use std::sync::Arc;

use anyhow::Result;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderMap;
use hyper::{Request, Response, StatusCode};
use parking_lot::Mutex;
use serde_json::Value;
use tokio::sync::watch;

use crate::serve::Server;

/// A receiver of webhooks on a free port.
#[derive(Debug)]
pub struct Hooks {
    state: Arc<Mutex<State>>,
    server: Server,
}

#[derive(Debug, Default)]
struct State {
    received: Vec<Hook>,
    /// Whether requests that were received wait for their answers.
    hanging: watch::Sender<bool>,
    answers: VecDeque<(StatusCode, HeaderMap)>,
}

/// A request as it was received.
#[derive(Clone, Debug)]
pub struct Hook {
    /// The path that it was posted to.
    pub path: String,
    pub headers: HeaderMap,
    /// Its body, byte for byte.
    pub body: Bytes,
}

impl Hook {
    /// A header's value; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Result<Value> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

impl Hooks {
    /// Starts a receiver that answers 204.
    pub async fn start() -> Result<Self> {
        let state = Arc::<Mutex<State>>::default();
        let shared = state.clone();
        let server = Server::start(move |request| answer(request, shared.clone())).await?;
        Ok(Self { state, server })
    }

    /// Its address with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.server.address())
    }

    /// Answers the next request that has no answer yet with this status and header.
    pub fn answer_next(&self, status: StatusCode, header: Option<(&'static str, &str)>) {
        let headers =
            header.iter().filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)));
        self.lock().answers.push_back((status, headers.collect()));
    }

    /// Answers nothing that it takes, until [`Hooks::go_on`].
    pub fn hang(&self) {
        self.lock().hanging.send_replace(true);
    }

    /// Answers again, also those requests that still wait.
    pub fn go_on(&self) {
        self.lock().hanging.send_replace(false);
    }

    /// What it was sent so far.
    pub fn received(&self) -> Vec<Hook> {
        self.lock().received.clone()
    }

    fn lock(&self) -> parking_lot::MutexGuard<'_, State> {
        self.state.lock()
    }
}

async fn answer(request: Request<Incoming>, state: Arc<Mutex<State>>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let mut hanging = {
        let mut state = state.lock();
        state.received.push(Hook { path: head.uri.path().to_owned(), headers: head.headers, body });
        state.hanging.subscribe()
    };
    // It fails only when the receiver itself is gone.
    let _ = hanging.wait_for(|hanging| !hanging).await;
    let (status, headers) =
        state.lock().answers.pop_front().unwrap_or((StatusCode::NO_CONTENT, HeaderMap::new()));
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
