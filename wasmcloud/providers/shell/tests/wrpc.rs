//! Our end of wRPC against that of a wasmCloud host, over a real NATS server.
//!
//! The host's end, `wrpc-transport-nats`, drops answers that come before it has registered that it waits for them. These tests keep
//! it as busy as it takes for that to happen.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use async_nats::HeaderMap;
use bytes::Bytes;
use futures::stream::StreamExt as _;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use waybill_lattice_tests::Nats;
use waybill_provider::wrpc::{Client, Server};
use wrpc_transport::{Invoke, InvokeExt as _, SendFuture as _, Serve, ServeExt as _};

const LATTICE: &str = "lattice";
const CALLS: usize = 4_096;
const IN_FLIGHT: usize = 64;
const COMPUTING: Duration = Duration::from_micros(500);

/// A call that was dropped would hang; this is far more than one takes.
const LIMIT: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_host_gets_every_answer_though_it_drops_those_that_come_early() -> Result<()> {
    let Some(nats) = Nats::start().await? else { return Ok(()) };
    let _serving = echo(&Server::at(connect(&nats).await?, LATTICE, "provider").await?).await?;
    let host =
        wrpc_transport_nats::Client::new(connect(&nats).await?, format!("{LATTICE}.provider"), None).await?;
    call_often(&host).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_gets_every_answer_of_a_component() -> Result<()> {
    let Some(nats) = Nats::start().await? else { return Ok(()) };
    let host =
        wrpc_transport_nats::Client::new(connect(&nats).await?, format!("{LATTICE}.component"), None).await?;
    let _serving = echo(&host).await?;
    let client = Client::at(connect(&nats).await?, LATTICE, "provider", "component").await?;
    call_often(&client).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_when_the_connection_to_nats_is_lost() -> Result<()> {
    let Some(mut nats) = Nats::start().await? else { return Ok(()) };
    // It takes calls and never answers.
    let silent = connect(&nats).await?;
    let mut taken = silent.subscribe(format!("{LATTICE}.component.>")).await?;
    silent.flush().await?;
    let client = Client::at(connect(&nats).await?, LATTICE, "provider", "component").await?;
    let unanswered = client.while_connected(call(&client, Bytes::from_static(b"x")));
    let lost = async {
        taken.next().await.context("the call")?;
        nats.kill().await?;
        nats.restart().await
    };
    let (unanswered, lost) = timeout(LIMIT, async { tokio::join!(unanswered, lost) }).await?;
    lost?;
    let error = unanswered.err().context("an answer of nobody")?;
    let kind = error.chain().find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    ensure!(kind == Some(io::ErrorKind::NotConnected), "{error:#}");
    // When the connection is back, calls are answered again.
    drop((taken, silent));
    let host =
        wrpc_transport_nats::Client::new(connect(&nats).await?, format!("{LATTICE}.component"), None).await?;
    let _serving = echo(&host).await?;
    // A call that came before the component was there has no answer.
    let attempt =
        || timeout(Duration::from_secs(1), client.while_connected(call(&client, Bytes::from_static(b"y"))));
    let answered = async {
        loop {
            match attempt().await {
                Ok(Ok(answer)) => break answer,
                Ok(Err(_)) => tokio::task::yield_now().await,
                Err(_) => {}
            }
        }
    };
    let answer = timeout(LIMIT, answered).await?;
    ensure!(answer == "y", "{answer:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn values_may_be_longer_than_a_message() -> Result<()> {
    let Some(nats) = Nats::start().await? else { return Ok(()) };
    let long: Bytes = (0..5_000_000_u32).map(|number| number.to_le_bytes()[0]).collect();

    let _ours = echo(&Server::at(connect(&nats).await?, LATTICE, "provider").await?).await?;
    let theirs =
        wrpc_transport_nats::Client::new(connect(&nats).await?, format!("{LATTICE}.provider"), None).await?;
    ensure!(call(&theirs, long.clone()).await? == long, "to our server");

    let served =
        wrpc_transport_nats::Client::new(connect(&nats).await?, format!("{LATTICE}.component"), None).await?;
    let _theirs = echo(&served).await?;
    let ours = Client::at(connect(&nats).await?, LATTICE, "provider", "component").await?;
    ensure!(call(&ours, long.clone()).await? == long, "by our client");
    Ok(())
}

#[tokio::test]
async fn a_call_of_a_missing_component_fails_at_once() -> Result<()> {
    let Some(nats) = Nats::start().await? else { return Ok(()) };
    let client = Client::at(connect(&nats).await?, LATTICE, "provider", "nobody").await?;
    let start = Instant::now();
    let error = call(&client, Bytes::from_static(b"?")).await.expect_err("nobody is there");
    // By this kind a provider knows that the component does not run.
    let kind = error.chain().find_map(|cause| Some(cause.downcast_ref::<io::Error>()?.kind()));
    ensure!(kind == Some(io::ErrorKind::NotConnected), "{error:#}");
    ensure!(start.elapsed() < LIMIT, "after {:?}", start.elapsed());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_says_who_calls_and_of_which_trace() -> Result<()> {
    let Some(nats) = Nats::start().await? else { return Ok(()) };
    let server = Server::at(connect(&nats).await?, LATTICE, "provider").await?;
    let mut calls = std::pin::pin!(server.serve("waybill:test/echo", "echo", []).await?);
    let host =
        wrpc_transport_nats::Client::new(connect(&nats).await?, format!("{LATTICE}.provider"), None).await?;
    let mut headers = HeaderMap::new();
    headers.insert("source-id", "orders");
    headers.insert("link-name", "default");
    headers.insert("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let _call =
        host.invoke(Some(headers), "waybill:test/echo", "echo", Bytes::new(), NO_PATHS).send().await?;
    let (call, ..) = timeout(LIMIT, calls.next()).await?.context("no call")??;
    ensure!(call.component == "orders" && call.link == "default", "{call:?}");
    ensure!(call.trace.as_ref().is_some_and(|trace| trace.traceparent.ends_with("203331-01")), "{call:?}");
    Ok(())
}

const NO_PATHS: [&[Option<usize>]; 0] = [];

async fn connect(nats: &Nats) -> Result<Arc<async_nats::Client>> {
    Ok(Arc::new(async_nats::connect(nats.url()).await?))
}

/// Answers each call with what it says, until it is aborted.
async fn echo<S: Serve>(server: &S) -> Result<AbortOnDrop> {
    let calls = server.serve_values::<(Bytes,), (Bytes,)>("waybill:test/echo", "echo", []).await?;
    Ok(AbortOnDrop(tokio::spawn(calls.for_each_concurrent(IN_FLIGHT, |call| async {
        match call {
            Ok((_, (said,), _, answer)) => {
                if let Err(error) = answer((said,)).await {
                    println!("an answer was not sent: {error:#}");
                }
            }
            Err(error) => println!("a call was not taken: {error:#}"),
        }
    }))))
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Holds on to the thread as WebAssembly does, just after a call: what registers the wait is late then.
fn compute() {
    let start = Instant::now();
    while start.elapsed() < COMPUTING {
        std::hint::spin_loop();
    }
}

async fn call<C: Invoke<Context = Option<HeaderMap>>>(client: &C, said: Bytes) -> Result<Bytes> {
    let call = client.invoke_values_blocking::<_, (Bytes,), (Bytes,)>(
        None,
        "waybill:test/echo",
        "echo",
        (said,),
        NO_PATHS,
    );
    Ok(timeout(LIMIT, call.send()).await.context("no answer")??.0)
}

/// Makes many calls at the same time. Each has to be answered with its own words.
async fn call_often<C: Invoke<Context = Option<HeaderMap>> + Clone + 'static>(client: &C) -> Result<()> {
    let mut callers = JoinSet::new();
    for caller in 0..IN_FLIGHT {
        let client = client.clone();
        callers.spawn(async move {
            for number in 0..CALLS / IN_FLIGHT {
                let said = Bytes::from(format!("call {number} of {caller}"));
                let (answer, ()) = tokio::join!(call(&client, said.clone()), async { compute() });
                let answer = answer.with_context(|| format!("call {number} of {caller}"))?;
                ensure!(answer == said, "call {number} of {caller} was answered with {answer:?}");
            }
            anyhow::Ok(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    Ok(())
}
