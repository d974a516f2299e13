//! The host is asked to end.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waybill_tests::{Http, Ledger, Load, Signal, Waybill, eventually, raw};

use crate::{TestEnv, on_both_databases};

/// How long the host may take to drain.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

const ORDER: &str = r#"{"amount":5000}"#;

on_both_databases!(a_request_in_flight_is_answered_after_sigterm);
on_both_databases!(a_load_loses_nothing_when_sigterm_comes);

async fn a_request_in_flight_is_answered_after_sigterm(env: &TestEnv) -> Result<()> {
    answered_after(env, Signal::Term).await
}

#[tokio::test]
async fn a_request_in_flight_is_answered_after_sigint() -> Result<()> {
    answered_after(&TestEnv::local()?, Signal::Int).await
}

async fn answered_after(env: &TestEnv, signal: Signal) -> Result<()> {
    let waybill = env.up().await?;
    let mut in_flight = Vec::new();
    for entry in [&waybill.orders, &waybill.gateway] {
        for _ in 0..8 {
            in_flight.push(begin_order(entry).await?);
        }
    }
    let orders = waybill.orders.clone();
    waybill.signal(signal)?;
    closed(&orders).await?;
    for stream in &mut in_flight {
        stream.write_all(ORDER.as_bytes()).await?;
    }
    for stream in &mut in_flight {
        raw::read_answer(stream).await?.expect(201)?;
    }
    ended_in_order(waybill).await?;

    let waybill = env.up().await?;
    let ledger = Ledger::settled(&waybill).await?;
    ensure!(ledger.orders.len() == in_flight.len(), "{} orders", ledger.orders.len());
    ledger.ensure_invoiced_once(&[])
}

async fn a_load_loses_nothing_when_sigterm_comes(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    let load = Load::start(&waybill.gateway, usize::MAX, 16);
    load.acknowledged(300).await?;
    waybill.signal(Signal::Term)?;
    ended_in_order(waybill).await?;
    let report = load.finish().await?;
    ensure!(report.refused.is_empty(), "{:?}", report.refused);

    let waybill = env.up().await?;
    Ledger::settled(&waybill).await?.ensure_invoiced_once(&report.acknowledged)
}

#[tokio::test]
async fn a_client_that_never_finishes_does_not_hold_up_the_end() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let _stuck = (begin_order(&waybill.orders).await?, begin_order(&waybill.gateway).await?);
    let _idle = raw::connect(waybill.invoices.authority()).await?;
    waybill.signal(Signal::Term)?;
    ended_in_order(waybill).await
}

#[tokio::test]
async fn health_is_503_for_as_long_as_the_drain_lasts() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().admin()).await?;
    let admin = waybill.address("admin")?;
    for path in ["/readyz", "/health"] {
        admin.get(path).await?.expect(200)?;
    }
    // As long as this one waits for its body, the drain lasts.
    let mut in_flight = begin_order(&waybill.orders).await?;
    let orders = waybill.orders.clone();
    waybill.signal(Signal::Term)?;
    closed(&orders).await?;
    for path in ["/readyz", "/health"] {
        let answer = admin.get(path).await?;
        answer.expect(503)?;
        ensure!(answer.text().contains("draining"), "{}", answer.text());
    }
    admin.get("/livez").await?.expect(200)?;
    in_flight.write_all(ORDER.as_bytes()).await?;
    raw::read_answer(&mut in_flight).await?.expect(201)?;
    ended_in_order(waybill).await
}

#[tokio::test]
async fn a_drain_delay_lets_load_balancers_see_it_before_the_listeners_close() -> Result<()> {
    let env = TestEnv::local()?;
    let config = env.config().admin();
    let waybill = Waybill::start(&config.clone().argument("--drain-delay-s").argument("300")).await?;
    let admin = waybill.address("admin")?;
    waybill.signal(Signal::Term)?;
    for (entry, path, status) in [
        (&admin, "/readyz", 503),
        (&admin, "/health", 503),
        (&waybill.orders, "/health", 410),
        (&waybill.invoices, "/health", 410),
    ] {
        eventually("health says that it drains", DRAIN_LIMIT, async || {
            let answer = entry.get(path).await?;
            Ok((answer.status == status && answer.text().contains("draining")).then_some(()))
        })
        .await?;
    }
    for entry in [&waybill.orders, &waybill.gateway] {
        let anew = Http::new(format!("http://{}", entry.authority()));
        anew.post_json("/orders", ORDER).await?.expect(201)?;
    }
    // A second signal ends it at once.
    waybill.signal(Signal::Term)?;
    ensure!(!waybill.ended().await?.status.success(), "it was cut short");

    let waybill = Waybill::start(&config.argument("--drain-delay-s").argument("1")).await?;
    let delay = Duration::from_secs(1);
    waybill.signal(Signal::Term)?;
    let ended = waybill.ended().await?;
    ensure!(ended.status.success() && ended.after >= delay && ended.after < DRAIN_LIMIT + delay, "{ended:?}");
    Ok(())
}

async fn ended_in_order(waybill: Waybill) -> Result<()> {
    let ended = waybill.ended().await?;
    println!("ended {:?} after the signal", ended.after);
    ensure!(ended.status.success(), "{}", ended.status);
    ensure!(ended.after < DRAIN_LIMIT, "it took {:?}", ended.after);
    Ok(())
}

/// Starts to place an order and returns once the service asks for its body: the request is in flight then.
async fn begin_order(entry: &Http) -> Result<TcpStream> {
    begin(entry, "/orders").await
}

/// The same to any path. The body is to be an order's.
pub(crate) async fn begin(entry: &Http, path: &str) -> Result<TcpStream> {
    let mut stream = raw::connect(entry.authority()).await?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Expect: 100-continue\r\n\r\n",
        ORDER.len()
    );
    stream.write_all(head.as_bytes()).await?;
    let expected = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut answer = vec![0; expected.len()];
    stream.read_exact(&mut answer).await?;
    ensure!(answer == expected, "{}", String::from_utf8_lossy(&answer));
    Ok(stream)
}

/// Waits until no new connection is taken: the end has begun.
async fn closed(entry: &Http) -> Result<()> {
    eventually("the listener is closed", DRAIN_LIMIT, async || {
        Ok(TcpStream::connect(entry.authority()).await.is_err().then_some(()))
    })
    .await
}
