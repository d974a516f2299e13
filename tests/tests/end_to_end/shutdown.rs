//! The host is asked to end.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waybill_tests::{Books, Http, Load, Signal, Waybill, eventually, raw};

use crate::{World, on_both_databases};

/// The promise to whoever asks it to end.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

const ORDER: &str = r#"{"amount":5000}"#;

on_both_databases!(a_request_in_hand_is_answered_after_sigterm);
on_both_databases!(a_load_loses_nothing_when_sigterm_comes);

async fn a_request_in_hand_is_answered_after_sigterm(world: &World) -> Result<()> {
    answered_after(world, Signal::Term).await
}

#[tokio::test]
async fn a_request_in_hand_is_answered_after_sigint() -> Result<()> {
    answered_after(&World::local()?, Signal::Int).await
}

async fn answered_after(world: &World, signal: Signal) -> Result<()> {
    let waybill = world.up().await?;
    let mut in_hand = Vec::new();
    for entry in [&waybill.orders, &waybill.gateway] {
        for _ in 0..8 {
            in_hand.push(begin_order(entry).await?);
        }
    }
    let orders = waybill.orders.clone();
    waybill.signal(signal)?;
    closed(&orders).await?;
    for stream in &mut in_hand {
        stream.write_all(ORDER.as_bytes()).await?;
    }
    for stream in &mut in_hand {
        let answer = raw::read_answer(stream).await?;
        ensure!(answer.status == 201, "{} {}", answer.status, answer.text());
    }
    ended_in_order(waybill).await?;

    let waybill = world.up().await?;
    let books = Books::settled(&waybill).await?;
    ensure!(books.orders.len() == in_hand.len(), "{} orders", books.orders.len());
    books.check(&[])
}

async fn a_load_loses_nothing_when_sigterm_comes(world: &World) -> Result<()> {
    let waybill = world.up().await?;
    let load = Load::start(&waybill.gateway, usize::MAX, 16);
    load.acknowledged(300).await?;
    waybill.signal(Signal::Term)?;
    ended_in_order(waybill).await?;
    let report = load.finish().await?;
    ensure!(report.refused.is_empty(), "{:?}", report.refused);

    let waybill = world.up().await?;
    Books::settled(&waybill).await?.check(&report.acknowledged)
}

#[tokio::test]
async fn a_client_that_never_finishes_does_not_hold_up_the_end() -> Result<()> {
    let world = World::local()?;
    let waybill = world.up().await?;
    let _stuck = (begin_order(&waybill.orders).await?, begin_order(&waybill.gateway).await?);
    let _idle = raw::connect(waybill.invoices.authority()).await?;
    waybill.signal(Signal::Term)?;
    ended_in_order(waybill).await
}

async fn ended_in_order(waybill: Waybill) -> Result<()> {
    let ended = waybill.ended().await?;
    println!("ended {:?} after the signal", ended.after);
    ensure!(ended.status.success(), "{}", ended.status);
    ensure!(ended.after < DRAIN_LIMIT, "it took {:?}", ended.after);
    Ok(())
}

/// Starts to place an order and returns once the service asks for its body: it has the request in hand then.
async fn begin_order(entry: &Http) -> Result<TcpStream> {
    let mut stream = raw::connect(entry.authority()).await?;
    let head = format!(
        "POST /orders HTTP/1.1\r\nHost: waybill\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
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
