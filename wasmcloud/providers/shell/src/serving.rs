use std::pin::Pin;
use std::time::Duration;

use futures::stream::{Stream, StreamExt as _, select_all};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// The most calls in flight; further ones wait in NATS.
const CALLS_LIMIT: usize = 1024;

/// How long calls in flight may take after the end was asked for.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Calls of components as `serve` of the generated bindings gives them: for each function its interface, its name, and the work of
/// each call.
pub type Calls = Vec<(&'static str, &'static str, Pin<Box<dyn Stream<Item = anyhow::Result<Work>> + Send>>)>;

type Work = Pin<Box<dyn Future<Output = anyhow::Result<()>> + Send>>;

/// Answers calls until `stop`, and then drains those in flight.
pub async fn serve(calls: Calls, stop: CancellationToken) {
    let streams = calls.into_iter().map(|(_, name, calls)| calls.map(move |call| (name, call)));
    let mut calls = select_all(streams);
    let mut in_flight = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            Some(done) = in_flight.join_next() => {
                if let Err(error) = done {
                    tracing::error!("a call ended without an answer: {error}");
                }
            }
            Some((name, call)) = calls.next(), if in_flight.len() < CALLS_LIMIT => match call {
                Ok(work) => {
                    in_flight.spawn(answer(name, work));
                }
                Err(error) => tracing::warn!("a call of {name} could not be accepted: {error:#}"),
            },
        }
    }
    let drained = async { while in_flight.join_next().await.is_some() {} };
    if timeout(DRAIN_LIMIT, drained).await.is_err() {
        tracing::warn!("calls were still in flight after {DRAIN_LIMIT:?}");
    }
}

async fn answer(name: &'static str, work: Work) {
    if let Err(error) = work.await {
        tracing::warn!("a call of {name} was not answered: {error:#}");
    }
}
