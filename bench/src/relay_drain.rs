//! The relay's rate with a backlog.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio_postgres::Client;
use waybill_tests::{Peer, Process, Rabbit, WaybillConfig, eventually};

use crate::report::Report;
use crate::{bare_publisher, servers};

/// How long a round may take.
const LIMIT: Duration = Duration::from_mins(5);

/// Measures both, alternating.
pub async fn measure(events: u32, rounds: usize) -> Result<Report> {
    let postgres = servers::postgres().await?;
    let url = Rabbit::virtual_host().await.context("RabbitMQ is not installed")?;
    let folder = tempfile::tempdir()?;
    let role = |word: &str| {
        WaybillConfig::command([word], folder.path()).databases(&postgres).variable("BROKER_URL", &url)
    };
    let (orders, peer) = (postgres.client("orders").await?, Peer::connect(&url).await?);
    let body = body_of_an_event(&orders).await?;
    // It declares exchange, queues and bindings; once it has delivered something, all of them are there.
    fill_outbox(&orders, 1).await?;
    let process = Process::start(&role("relay")).await?;
    let left = async || postgres.number("orders", "SELECT count(*) FROM outbox").await;
    eventually("the outbox to be empty", LIMIT, async || Ok((left().await? == 0).then_some(()))).await?;
    process.stop().await?;
    // The first message that RabbitMQ stores is not measured either.
    bare_publisher::publish(&url, events, &body).await?;
    peer.purge("orders").await?;
    let mut report = Report::new("Relay", "a backlog into RabbitMQ, confirmed").against("bare publisher");
    for round in 1..=rounds {
        let start = Instant::now();
        bare_publisher::publish(&url, events, &body).await?;
        let bare = f64::from(events) / start.elapsed().as_secs_f64();
        peer.purge("orders").await?;

        fill_outbox(&orders, events).await?;
        let process = Process::start(&role("relay")).await?;
        let start = Instant::now();
        eventually("the backlog in the queue", LIMIT, async || {
            Ok((peer.depth("orders").await? >= events).then_some(()))
        })
        .await?;
        let relay = f64::from(events) / start.elapsed().as_secs_f64();
        let memory = process.peak_memory_kib()?;
        process.stop().await?;
        let left = left().await?;
        ensure!(left == 0, "{left} events are left");
        peer.purge("orders").await?;
        let memory = memory as f64 / 1024.0;
        println!(
            "round {round}: bare publisher {bare:.0}/s, relay {relay:.0}/s with {memory:.0} MiB at most"
        );
        let rate = |value| ("events per s".to_owned(), value);
        report.add("bare publisher", &[rate(bare)]);
        report.add("relay", &[rate(relay), ("most MiB".to_owned(), memory)]);
    }
    Ok(report)
}

async fn body_of_an_event(orders: &Client) -> Result<Vec<u8>> {
    fill_outbox(orders, 1).await?;
    let body: String =
        orders.query_one("DELETE FROM outbox RETURNING payload::text", &[]).await?.try_get(0)?;
    Ok(body.into_bytes())
}

async fn fill_outbox(orders: &Client, events: u32) -> Result<()> {
    let fill = format!(
        "INSERT INTO outbox (id, event_type, order_id, payload) \
         SELECT lpad(to_hex(n), 32, '0')::uuid, 'order.created', gen_random_uuid(), json_build_object( \
             'orderId', gen_random_uuid(), 'amount', 5000, 'customer', json_build_object('id', '1651654165'), \
             'currency', 'EUR', 'eventId', gen_random_uuid(), 'createdAt', '2026-01-01T00:00:00.000Z') \
         FROM generate_series(1, {events}) AS n"
    );
    orders.batch_execute(&fill).await?;
    orders.batch_execute("VACUUM ANALYZE outbox").await?;
    Ok(())
}
