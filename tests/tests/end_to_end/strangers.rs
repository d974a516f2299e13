//! Everything that a stranger without a key can do, at once, while a client with a key places orders.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures::future::join_all;
use hyper::Method;
use tokio::io::AsyncWriteExt;
use tokio::time::interval;
use uuid::Uuid;
use waybill_tests::{Http, MemoryGroup, Waybill, eventually, raw};

use crate::TestEnv;
use crate::access_keys::create;
use crate::limits::{UNFINISHED_SIGN_IN, own_memory_mib};
use crate::limits_of_memory::{MEMORY_MIB, REMAINS_MIB, RETURN_TIME, was_enough};
use crate::machine::Turn;

/// How long an order may fail, with its repetitions.
const FAILURE_LIMIT: Duration = Duration::from_secs(2);

const ORDERS_PER_SECOND: u64 = 100;

#[tokio::test]
async fn strangers_hold_up_no_order_and_fill_no_memory() -> Result<()> {
    let _turn = Turn::exclusive();
    // Longer by hand: WAYBILL_ATTACK_SECONDS=600.
    let seconds = std::env::var("WAYBILL_ATTACK_SECONDS").map_or(Ok(15), |text| text.parse())?;
    let env = TestEnv::servers().await?;
    let container = MemoryGroup::of(MEMORY_MIB << 20);
    let config = env.config().admin().argument("--key-check").argument("required").within(container.as_ref());
    let waybill = Waybill::start(&config).await?;
    let key = create(&env, &["orders:write"]).await?;
    order(&waybill.gateway, &key, "first").await?.expect(201)?;
    let before = own_memory_mib(&waybill)?;

    let stop = AtomicBool::new(false);
    let authority = waybill.gateway.authority();
    let invoices = waybill.invoices.authority();
    let attacks = async {
        let (stop, long) = (&stop, "a".repeat(30_000));
        let unread = "GET /docs/orders HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(1_000);
        let head = format!("GET /orders HTTP/1.1\r\nHost: localhost\r\nX-A: {long}");
        let refused = format!(
            "GET /orders/{long} HTTP/1.1\r\nHost: localhost\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n"
        );
        let body = format!(
            "POST /orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 65000\r\n\r\n{long}"
        );
        let event = "POST /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer invented\r\nContent-Length: 2\r\n\r\n{}";
        tokio::join!(
            repeat(authority, unread.as_bytes(), 4, stop),
            repeat(authority, UNFINISHED_SIGN_IN.as_bytes(), 200, stop),
            repeat(authority, head.as_bytes(), 100, stop),
            repeat(authority, body.as_bytes(), 100, stop),
            repeat(authority, refused.as_bytes(), 20, stop),
            repeat(authority, b"GET /orders?x=\x80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 5, stop),
            repeat(authority, b"", 300, stop),
            repeat_with(authority, invented_key, 20, stop),
            repeat(invoices, event.as_bytes(), 20, stop),
            repeat(invoices, b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n", 20, stop),
        )
    };
    let orders = async {
        let placed = place_orders(&waybill.gateway, &key, Duration::from_secs(seconds)).await;
        stop.store(true, Ordering::Relaxed);
        placed
    };
    let (longest, _) = tokio::join!(orders, attacks);
    let (longest, peak) = (longest?, waybill.peak_memory_kib()? >> 10);
    println!(
        "{seconds} s: the longest failure of an order took {longest:?}; {before} MiB before, {peak} at the highest with its program"
    );
    ensure!(longest < FAILURE_LIMIT, "an order failed for {longest:?}");
    was_enough(container.as_ref(), peak)?;
    eventually("memory is returned", RETURN_TIME, async || {
        let now = own_memory_mib(&waybill)?;
        ensure!(now < before + REMAINS_MIB, "{now} MiB");
        Ok(Some(()))
    })
    .await
}

/// A request with a key as they look, which no database has.
fn invented_key() -> Vec<u8> {
    let random = Uuid::now_v7().simple().to_string();
    let key = format!("wbk_{}_{}", &random[20..], hex::encode([0; 32]));
    format!("GET /orders HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n\r\n").into_bytes()
}

/// Sends the same bytes on so many new connections each second, and holds each for about half a minute.
async fn repeat(authority: &str, bytes: &[u8], count: usize, stop: &AtomicBool) {
    repeat_with(authority, || bytes, count, stop).await;
}

/// The same with bytes that are made for each connection.
async fn repeat_with<B: AsRef<[u8]>>(
    authority: &str,
    bytes: impl Fn() -> B,
    count: usize,
    stop: &AtomicBool,
) {
    let (mut held, mut ticks) = (VecDeque::new(), interval(Duration::from_secs(1)));
    while !stop.load(Ordering::Relaxed) {
        ticks.tick().await;
        let connect = async || {
            let mut stream = raw::connect(authority).await?;
            // The server may close it while it is written.
            let _ = tokio::time::timeout(Duration::from_secs(1), stream.write_all(bytes().as_ref())).await;
            anyhow::Ok(stream)
        };
        held.push_back(join_all((0..count).map(|_| connect())).await);
        if held.len() > 30 {
            held.pop_front();
        }
    }
}

/// Places orders at a steady rate, each until it is accepted. Returns the longest time that one took from its first failure on.
async fn place_orders(gateway: &Http, key: &str, time: Duration) -> Result<Duration> {
    let end = Instant::now() + time;
    let mut ticks = interval(Duration::from_millis(1_000 / ORDERS_PER_SECOND));
    let mut orders = Vec::new();
    while Instant::now() < end {
        ticks.tick().await;
        let (gateway, key, number) = (gateway.clone(), key.to_owned(), orders.len());
        orders.push(tokio::spawn(async move { accepted(&gateway, &key, &format!("order-{number}")).await }));
    }
    let mut longest = Duration::ZERO;
    for order in orders {
        longest = longest.max(order.await.context("an order's task")??);
    }
    Ok(longest)
}

async fn accepted(gateway: &Http, key: &str, name: &str) -> Result<Duration> {
    let mut failing: Option<Instant> = None;
    let mut pause = interval(Duration::from_millis(50));
    loop {
        pause.tick().await;
        match order(gateway, key, name).await {
            Ok(answer) if answer.status == 201 => {
                return Ok(failing.map_or(Duration::ZERO, |since| since.elapsed()));
            }
            Ok(answer) => ensure!(answer.status == 503, "{}: {}", answer.status, answer.text()),
            Err(_) => {}
        }
        let since = *failing.get_or_insert_with(Instant::now);
        ensure!(since.elapsed() < RETURN_TIME, "{name} is not accepted");
    }
}

async fn order(gateway: &Http, key: &str, name: &str) -> Result<waybill_tests::Answer> {
    let bearer = format!("Bearer {key}");
    let headers =
        [("content-type", "application/json"), ("authorization", bearer.as_str()), ("idempotency-key", name)];
    gateway.send(Method::POST, "/orders", &headers, r#"{"amount":5000}"#).await
}
