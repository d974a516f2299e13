//! The traces of `waybill up`, for a laptop without a collector: a list, and each trace as a waterfall; also as JSON, by the paths and in
//! the form of Jaeger's query API.

mod json;
mod search;
mod trace;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use wasmtime_wasi_http::WasiBody;
use waybill_telemetry::{KeptTraces, TraceId};

use crate::answers::{problem, read_only};
use crate::pages::asset;

/// Answers that are made at the same time. Each may be as large as all kept traces.
const ANSWERS: usize = 2;

/// The time that a request waits for its turn.
const TURN_LIMIT: Duration = Duration::from_secs(5);

/// The pages of traces. Cheap to clone.
#[derive(Clone)]
pub struct TracesUi {
    traces: KeptTraces,
    turns: Arc<Semaphore>,
}

impl TracesUi {
    pub fn new(traces: KeptTraces) -> Self {
        Self { traces, turns: Arc::new(Semaphore::new(ANSWERS)) }
    }

    /// Answers in a thread where it holds up nothing else. The turn lasts until the answer is written, or its connection closed.
    pub async fn answer<B>(&self, request: Request<B>) -> Response<WasiBody> {
        let busy = || problem(StatusCode::SERVICE_UNAVAILABLE, "Too many ask for traces at the moment.");
        let turn = timeout(TURN_LIMIT, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return busy() };
        let (traces, request) = (self.traces.clone(), request.map(|_| ()));
        let Ok(answered) = spawn_blocking(move || answer(&traces, &request)).await else { return busy() };
        answered.map(|body| {
            let with_turn = body.map_frame(move |frame| {
                let _lasts = &turn;
                frame
            });
            with_turn.boxed_unsync()
        })
    }
}

fn answer(traces: &KeptTraces, request: &Request<()>) -> Response<WasiBody> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return read_only("This address is read-only.");
    }
    let query = request.uri().query().unwrap_or_default();
    let path: Vec<&str> = request.uri().path().split('/').filter(|segment| !segment.is_empty()).collect();
    match path.as_slice() {
        [] | ["search"] => search::page(traces, query),
        ["trace", id] => trace::page(traces, id),
        [name @ ("console.css" | "icon.svg")] => asset(name),
        ["api", "services"] => json::services(traces),
        ["api", "traces"] => json::traces(traces, query),
        ["api", "traces", id] => json::trace(traces, id),
        _ => problem(StatusCode::NOT_FOUND, "This address serves traces only: /, /trace/{id}, /api/traces."),
    }
}

/// Links to traces.
#[derive(Clone, Debug, Default)]
pub struct TraceLinks {
    /// The address of the traces that are kept here.
    kept_at: Option<SocketAddr>,
    /// The address of a trace somewhere else, with `{traceId}` in it.
    elsewhere: Option<String>,
}

impl TraceLinks {
    pub fn new(kept_at: Option<SocketAddr>, elsewhere: Option<String>) -> Self {
        Self { kept_at, elsewhere }
    }

    /// The page of all traces, for a browser that reached this machine as `host`; `None` if they are not kept here.
    pub fn home(&self, host: &str) -> Option<String> {
        Some(format!("http://{}/", here(self.kept_at?, host)))
    }

    /// The page of one trace; `None` if it is unknown.
    pub fn of(&self, trace: TraceId, host: &str) -> Option<String> {
        match (self.kept_at, &self.elsewhere) {
            (Some(address), _) => Some(format!("http://{}/trace/{trace}", here(address, host))),
            (None, Some(template)) => Some(template.replace("{traceId}", &trace.to_string())),
            (None, None) => None,
        }
    }
}

/// An address for a browser that reached this machine as `host`: it cannot connect to the unspecified address.
fn here(address: SocketAddr, host: &str) -> String {
    if address.ip().is_unspecified() { format!("{host}:{}", address.port()) } else { address.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_where_its_reader_can_go() {
        let trace = TraceId::from_bytes([1; 16]);
        let links = |address: &str| TraceLinks::new(Some(address.parse().unwrap()), None);
        let of = |address: &str| links(address).of(trace, "shop.example.com").unwrap();
        assert!(of("127.0.0.1:16686").starts_with("http://127.0.0.1:16686/trace/0101"));
        assert!(of("0.0.0.0:16686").starts_with("http://shop.example.com:16686/trace/0101"));
        let elsewhere = TraceLinks::new(None, Some("https://jaeger/trace/{traceId}?x=1".to_owned()));
        assert_eq!(elsewhere.of(trace, "localhost").unwrap(), format!("https://jaeger/trace/{trace}?x=1"));
        assert_eq!(TraceLinks::default().of(trace, "localhost"), None);
    }
}
