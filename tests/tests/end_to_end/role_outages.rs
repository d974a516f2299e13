//! Roles in processes of their own that end, or lose sight of RabbitMQ, in the middle of their work.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{
    Ended, Http, Load, LoadReport, OtlpSink, Postgres, Process, TcpProxy, ensure_contains, eventually,
};

use crate::rabbitmq::{LIMIT, Roles};
use crate::traces::{CALLER, TRACE, connected, is_invoice_insert};

/// How long a role may take to drain.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Events that wait for RabbitMQ to come back, each of which has a note, and a member that nobody reads, of so many characters.
const BACKLOG: i64 = 20_000;
const NOTE: usize = 1_000;

/// How much more memory a process may have had after the backlog than before it, in KiB: batches and what is sent ahead are bounded, and
/// pages of each connection's buffers, 8 MiB, count once they were written to. The backlog itself is more than that.
const GROWTH_LIMIT_KIB: u64 = 32 << 10;

#[tokio::test]
async fn orders_relay_and_invoices_are_replaced_in_a_load_and_nothing_is_lost() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let (orders, relay, invoices) = (roles.orders().await?, roles.relay().await?, roles.invoices().await?);
    let load = Load::start(&orders.address("orders")?, usize::MAX, 16);
    load.acknowledged(300).await?;
    in_order(&relay.stop().await?)?;
    let _relay = roles.relay().await?;
    load.acknowledged_more(300).await?;
    in_order(&invoices.stop().await?)?;
    let _invoices = roles.invoices().await?;
    load.acknowledged_more(300).await?;
    in_order(&orders.stop().await?)?;
    let report = load.finish().await?;
    ensure!(report.refused.is_empty(), "who is asked to end refuses nothing before: {:?}", report.refused);
    kept_and_invoiced(&roles, &report).await
}

#[tokio::test]
async fn a_push_is_replaced_in_a_load_and_nothing_is_lost() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let (_invoices, target) = roles.invoices_by_http().await?;
    let (orders, _relay) = (roles.orders().await?, roles.relay().await?);
    let first = roles.push(&target).await?;
    let load = Load::start(&orders.address("orders")?, 1_500, 16);
    load.acknowledged(500).await?;
    in_order(&first.stop().await?)?;
    let _second = roles.push(&target).await?;
    kept_and_invoiced(&roles, &load.finish().await?).await
}

#[tokio::test]
async fn roles_report_that_rabbitmq_is_unavailable_and_orders_are_still_accepted() -> Result<()> {
    let Some(mut roles) = Roles::prepare().await? else { return Ok(()) };
    let proxy = behind_a_proxy(&mut roles).await?;
    let processes = (roles.orders().await?, roles.observed_relay().await?, roles.invoices().await?);
    let orders = processes.0.address("orders")?;
    let (relay, invoices) = (processes.1.address("admin")?, processes.2.address("invoices")?);
    let load = Load::start(&orders, usize::MAX, 8);
    load.acknowledged(200).await?;
    for well in [&orders, &relay, &invoices] {
        well.answers("/health", 200).await?;
    }
    for _ in 0..2 {
        proxy.refuse();
        for unwell in [&relay, &invoices] {
            unwell.answers("/health", 503).await?;
            says(unwell, "RabbitMQ").await?;
        }
        load.acknowledged_more(200).await?;
        orders.answers("/health", 200).await?;
        proxy.heal();
        for well in [&relay, &invoices] {
            well.answers("/health", 200).await?;
        }
    }
    load.stop();
    let report = load.finish().await?;
    ensure!(report.refused.is_empty() && report.broken.is_empty(), "{report:?}");
    kept_and_invoiced(&roles, &report).await
}

#[tokio::test]
async fn one_trace_leads_through_the_processes_of_all_roles() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let sink = OtlpSink::start().await?;
    let mut processes = Vec::new();
    for words in [
        &["serve", "orders", "--orders-listen", "127.0.0.1:0"][..],
        &["relay", "--admin-listen", "127.0.0.1:0"],
        &["serve", "invoices", "--invoices-listen", "127.0.0.1:0"],
    ] {
        let config = roles.role(words).variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint());
        processes.push(Process::start(&config.variable("OTEL_BSP_SCHEDULE_DELAY", "100")).await?);
    }
    // An attempt from before the relay's link is up would be a failed span in the trace.
    processes[1].address("admin")?.answers("/health", 200).await?;
    let traceparent = format!("00-{TRACE}-{CALLER}-01");
    let headers = [("content-type", "application/json"), ("traceparent", traceparent.as_str())];
    let orders = processes[0].address("orders")?;
    orders.send(Method::POST, "/orders", &headers, r#"{"amount":5000}"#).await?.expect(201)?;
    eventually("the invoice's insert in the trace", LIMIT, async || {
        Ok(sink.trace(TRACE)?.iter().any(is_invoice_insert).then_some(()))
    })
    .await?;
    // What is still held back is sent when they end.
    for process in processes {
        in_order(&process.stop().await?)?;
    }
    let spans = sink.trace(TRACE)?;
    connected(&spans)?;
    let systems = spans.iter().filter_map(|span| span.attributes.get("messaging.system"));
    ensure!(systems.filter(|system| *system == "rabbitmq").count() == 2, "sent and handled: {spans:#?}");
    Ok(())
}

#[tokio::test]
async fn a_backlog_of_an_outage_does_not_grow_the_memory() -> Result<()> {
    let Some(mut roles) = Roles::prepare().await? else { return Ok(()) };
    // What is measured is memory. Without a sync for each invoice it takes a third of the time.
    roles.postgres = Postgres::start_migrated_with(&[("fsync", "off")]).await?;
    let proxy = behind_a_proxy(&mut roles).await?;
    let (relay, invoices) = (roles.observed_relay().await?, roles.invoices().await?);
    seed(&roles, 1_000).await?;
    roles.invoiced(1_000).await?;
    let before = [relay.peak_memory_kib()?, invoices.peak_memory_kib()?];

    proxy.refuse();
    relay.address("admin")?.answers("/health", 503).await?;
    seed(&roles, BACKLOG).await?;
    proxy.heal();
    roles.invoiced(1_000 + BACKLOG).await?;
    let after = [relay.peak_memory_kib()?, invoices.peak_memory_kib()?];
    println!("relay and invoices had at most {before:?} KiB before the backlog, {after:?} KiB after it");
    for (before, after) in before.into_iter().zip(after) {
        ensure!(after - before < GROWTH_LIMIT_KIB, "it grew from {before} KiB to {after} KiB");
    }
    roles.audit_is_clean().await
}

/// Writes orders with their events, as the orders service would.
async fn seed(roles: &Roles, orders: i64) -> Result<()> {
    let seed = format!(
        "WITH placed AS (INSERT INTO orders (id, customer_id, amount) \
             SELECT gen_random_uuid(), '1651654165', n FROM generate_series(1, {orders}) AS n RETURNING id, amount) \
         INSERT INTO outbox (id, event_type, order_id, payload) \
         SELECT gen_random_uuid(), 'order.created', id, json_build_object('orderId', id, 'amount', amount, \
             'note', repeat('n', {NOTE}), 'unread', repeat('u', {NOTE}), 'customer', json_build_object('id', '1651654165')) FROM placed"
    );
    Ok(roles.postgres.client("orders").await?.batch_execute(&seed).await?)
}

/// Puts a network between the roles and RabbitMQ that can break.
async fn behind_a_proxy(roles: &mut Roles) -> Result<TcpProxy> {
    let url = roles.broker_url.clone();
    let (server, virtual_host) = url.rsplit_once('/').context("an address with a virtual host")?;
    let (account, server) = server.rsplit_once('@').context("an address with an account")?;
    let proxy = TcpProxy::start(server).await?;
    roles.broker_url = format!("{account}@{}/{virtual_host}", proxy.address());
    Ok(proxy)
}

/// Every acknowledged order is there, and every order has its invoice.
pub(crate) async fn kept_and_invoiced(roles: &Roles, report: &LoadReport) -> Result<()> {
    let (ids, amounts): (Vec<_>, Vec<_>) =
        report.acknowledged.iter().map(|order| (order.id, order.amount)).unzip();
    let client = roles.postgres.client("orders").await?;
    let kept = "SELECT count(*) FROM unnest($1::uuid[], $2::bigint[]) AS given (id, amount) \
                JOIN orders ON orders.id = given.id AND orders.amount = given.amount";
    let kept: i64 = client.query_one(kept, &[&ids, &amounts]).await?.try_get(0)?;
    ensure!(usize::try_from(kept)? == ids.len(), "{kept} of {} acknowledged orders are there", ids.len());
    let orders = roles.postgres.number("orders", "SELECT count(*) FROM orders").await?;
    roles.invoiced(orders).await?;
    roles.audit_is_clean().await
}

async fn says(service: &Http, word: &str) -> Result<()> {
    ensure_contains(&service.get("/health").await?.text(), [word])
}

fn in_order(ended: &Ended) -> Result<()> {
    ended.succeeded()?;
    ensure!(ended.after < DRAIN_LIMIT, "it took {:?} to end", ended.after);
    Ok(())
}
