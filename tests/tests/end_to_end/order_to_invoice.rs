//! The way of an order that nothing disturbs.

use std::time::Duration;

use anyhow::{Result, ensure};
use waybill_tests::{Ledger, Load, eventually};

use crate::{TestEnv, on_both_databases};

/// How long the host may take to be idle after its start.
const IDLE_LIMIT: Duration = Duration::from_secs(40);

/// Idle memory, in KiB, with a PostgreSQL of its own and without.
const LOCAL_MEMORY_KIB: u64 = 150_000;
const SERVERS_MEMORY_KIB: u64 = 60_000;

on_both_databases!(orders_and_invoices_are_found_again_after_a_restart);
on_both_databases!(a_load_over_32_connections_is_answered_and_invoiced_completely);
on_both_databases!(an_idle_host_is_small);

async fn orders_and_invoices_are_found_again_after_a_restart(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    println!("ready {:?} after the start on an empty folder", waybill.started_in);
    let order = waybill.gateway.post_json("/orders", r#"{"amount":1}"#).await?.json()?;
    let invoice = waybill.invoices.invoice_of(order["id"].as_str().unwrap_or_default()).await?;
    ensure!(waybill.stop().await?.status.success(), "it ends in order");

    let waybill = env.up().await?;
    println!("ready {:?} after the start on an existing folder", waybill.started_in);
    ensure!(
        waybill.invoices.invoice_of(order["id"].as_str().unwrap_or_default()).await? == invoice,
        "the same invoice"
    );
    let path = format!("/orders/{}", order["id"].as_str().unwrap_or_default());
    ensure!(waybill.orders.get(&path).await?.json()? == order, "the same order");

    let next = waybill.gateway.post_json("/orders", r#"{"amount":2}"#).await?.json()?;
    waybill.invoices.invoice_of(next["id"].as_str().unwrap_or_default()).await?;
    Ledger::read(&waybill).await?.ensure_invoiced_once(&[])
}

async fn a_load_over_32_connections_is_answered_and_invoiced_completely(env: &TestEnv) -> Result<()> {
    // More by hand, for example WAYBILL_LOAD_ORDERS=20000.
    let orders = match std::env::var("WAYBILL_LOAD_ORDERS") {
        Ok(number) => number.parse()?,
        Err(_) => 2_000,
    };
    let waybill = env.up().await?;
    let report = Load::start(&waybill.gateway, orders, 32).finish().await?;
    println!("{orders} orders took {:?}", report.took);
    report.complete(orders)?;
    let ledger = Ledger::settled(&waybill).await?;
    ensure!(ledger.orders.len() == orders, "{} orders", ledger.orders.len());
    ledger.ensure_invoiced_once(&report.acknowledged)
}

async fn an_idle_host_is_small(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    let order = waybill.gateway.post_json("/orders", r#"{"amount":1}"#).await?.json()?;
    waybill.invoices.invoice_of(order["id"].as_str().unwrap_or_default()).await?;
    let limit = if env.postgres.is_some() { SERVERS_MEMORY_KIB } else { LOCAL_MEMORY_KIB };
    // What was needed at the start only is given back in a moment.
    eventually("the host to be idle and small", IDLE_LIMIT, async || {
        let memory = waybill.proportional_memory_kib()?;
        ensure!(memory < limit, "{memory} KiB, the limit is {limit}");
        Ok(Some(()))
    })
    .await
}
