//! Connections of clients that send or read nothing, while others go on.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::future::{join_all, try_join_all};
use hyper::Method;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use waybill_tests::{Answer, Process, Waybill, ensure_contains, eventually, raw};

use crate::TestEnv;
use crate::machine::Turn;

/// What an order may take while others use up connections.
const SOON: Duration = Duration::from_secs(2);

const LIMIT: Duration = Duration::from_secs(30);

const ORDER: &str = r#"{"amount":5000}"#;
pub(crate) const UNFINISHED_SIGN_IN: &str = "POST /console/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: \
                                  application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nkey=";

#[tokio::test]
async fn bodies_that_never_end_leave_health_sign_in_and_orders() -> Result<()> {
    let _turn = Turn::exclusive();
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().admin()).await?;
    let unfinished = open(waybill.gateway.authority(), 4_110, UNFINISHED_SIGN_IN.as_bytes()).await?;
    others_are_served(&waybill).await?;
    // Also those that found room end by themselves.
    let last = unfinished.into_iter().last().context("none was opened")?;
    ends(last).await.context("a body that never ends")
}

#[tokio::test]
async fn idle_connections_make_room_for_orders() -> Result<()> {
    let _turn = Turn::exclusive();
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().admin()).await?;
    let idle = open(waybill.gateway.authority(), 6_000, b"").await?;
    let request = b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let used = open(waybill.gateway.authority(), 2_500, request).await?;
    others_are_served(&waybill).await?;
    drop((idle, used));
    Ok(())
}

#[tokio::test]
async fn connections_leave_descriptors_to_the_databases() -> Result<()> {
    let _turn = Turn::exclusive();
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config().admin().open_files(1_024, 1_024)).await?;
    for entry in [&waybill.gateway, &waybill.orders] {
        let held = open(entry.authority(), 910, b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n").await?;
        others_are_served(&waybill).await?;
        drop(held);
    }
    waybill.stop().await?;

    // The soft limit is raised.
    let waybill = Waybill::start(&env.config().open_files(256, 4_000)).await?;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", waybill.id()?))?;
    let files = limits.lines().find(|line| line.starts_with("Max open files")).context("no such limit")?;
    ensure!(files.split_whitespace().nth(3) == Some("4000"), "{files}");
    let held = open(waybill.gateway.authority(), 600, b"").await?;
    soon(async || waybill.gateway.post_json("/orders", ORDER).await).await?.expect(201)?;
    let open_files = std::fs::read_dir(format!("/proc/{}/fd", waybill.id()?))?.count();
    ensure!(open_files >= held.len(), "{open_files} files are open");
    waybill.stop().await?;

    let ended =
        Waybill::run(&env.config().open_files(512, 512).argument("--connections").argument("5000")).await?;
    ensure!(!ended.status.success(), "more connections than descriptors");
    ensure_contains(&ended.stderr, ["--connections", "WAYBILL_CONNECTIONS", "5000", "ulimit -n"])
}

#[tokio::test]
async fn event_streams_of_one_address_are_bounded() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let request = b"GET /console/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut streams = open(waybill.gateway.authority(), 25, request).await?;
    let mut refused = 0;
    for stream in &mut streams {
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        refused += usize::from(&status == b"HTTP/1.1 503");
    }
    ensure!(refused == 1, "{refused} of 25 are refused");
    // Another address of this machine, and requests that open no stream.
    let socket = TcpSocket::new_v4()?;
    socket.bind("127.0.0.2:0".parse()?)?;
    let mut other = socket.connect(waybill.gateway.authority().parse()?).await?;
    other.write_all(request).await?;
    let mut status = [0; 12];
    other.read_exact(&mut status).await?;
    ensure!(&status == b"HTTP/1.1 200", "another address has its own");
    waybill.gateway.get("/console").await?.expect(200)?;
    waybill.gateway.post_json("/orders", ORDER).await?.expect(201)?;
    drop(streams);
    eventually("room for a page", LIMIT, async || {
        let mut stream = raw::connect(waybill.gateway.authority()).await?;
        stream.write_all(request).await?;
        let mut status = [0; 12];
        stream.read_exact(&mut status).await?;
        Ok((&status == b"HTTP/1.1 200").then_some(()))
    })
    .await
}

/// Opens connections and sends the same bytes on each.
pub(crate) async fn open(authority: &str, count: usize, bytes: &[u8]) -> Result<Vec<TcpStream>> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    let mut opened = Vec::with_capacity(count);
    while opened.len() < count {
        let batch = (count - opened.len()).min(200);
        let connect = async || {
            let mut stream = raw::connect(authority).await?;
            // The server may have closed it for a later one.
            let _ = stream.write_all(bytes).await;
            anyhow::Ok(stream)
        };
        opened.extend(try_join_all((0..batch).map(|_| connect())).await?);
    }
    Ok(opened)
}

/// Checks that everything else is answered soon.
pub(crate) async fn others_are_served(waybill: &Waybill) -> Result<()> {
    let admin = waybill.address("admin")?;
    let key = [("content-type", "application/x-www-form-urlencoded")];
    for _ in 0..3 {
        let begun = Instant::now();
        soon(async || waybill.gateway.post_json("/orders", ORDER).await).await?.expect(201)?;
        ensure!(begun.elapsed() < SOON, "an order took {:?}", begun.elapsed());
        let begun = Instant::now();
        let sign_in =
            async || waybill.gateway.send(Method::POST, "/console/sign-in", &key, "key=wrong").await;
        let sign_in = soon(sign_in).await?;
        ensure!(sign_in.status < 500, "{}", sign_in.text());
        let health = ["/livez", "/readyz", "/health", "/metrics"].map(|path| admin.get(path));
        for answer in join_all(health).await {
            answer?.expect(200)?;
        }
        ensure!(begun.elapsed() < SOON, "sign-in and health took {:?}", begun.elapsed());
    }
    Ok(())
}

/// An answer within [`SOON`]. An idle connection may be closed for another one just when a request is sent on it; then the request is
/// sent again, as clients do.
async fn soon(request: impl AsyncFn() -> Result<Answer>) -> Result<Answer> {
    let begun = Instant::now();
    loop {
        match request().await {
            Err(error) => ensure!(begun.elapsed() < SOON, "{error:#}"),
            answered => return answered,
        }
    }
}

/// Waits until the server has closed the connection.
async fn ends(mut stream: TcpStream) -> Result<()> {
    let mut rest = Vec::new();
    // A reset is an end too.
    let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut rest)).await.context("it stays open")?;
    Ok(())
}

/// What a process keeps in memory of its own, in MiB.
pub(crate) fn own_memory_mib(process: &Process) -> Result<u64> {
    Ok(process.own_memory_kib()? >> 10)
}
