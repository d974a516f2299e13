//! The databases become unavailable under load, and return.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use waybill_tests::{Direction, Http, Ledger, Load, Postgres, TcpProxy, Waybill, eventually};

use crate::TestEnv;

/// How long it may take until an outage shows, or its end.
const NOTICE_LIMIT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn orders_get_503_while_postgresql_is_unavailable_and_are_accepted_after() -> Result<()> {
    let mut env = TestEnv::servers().await?;
    let waybill = env.up().await?;
    let postgres = env.postgres_mut()?;
    let load = Load::start(&waybill.gateway, usize::MAX, 16);
    load.acknowledged(300).await?;

    postgres.stop().await?;
    unavailable(&waybill, &load).await?;
    postgres.restart().await?;
    recovered(&waybill, &load).await?;

    postgres.kill().await?;
    unavailable(&waybill, &load).await?;
    postgres.restart().await?;
    recovered(&waybill, &load).await?;

    load.stop();
    settled(&waybill, load).await
}

#[tokio::test]
async fn orders_get_503_while_the_network_is_cut_and_are_accepted_after() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    let proxy = TcpProxy::start(postgres.address()).await?;
    let config = env
        .config()
        .variable("ORDERS_DATABASE_URL", postgres.url_at(proxy.port(), "orders"))
        .variable("INVOICES_DATABASE_URL", postgres.url_at(proxy.port(), "invoices"));
    let waybill = Waybill::start(&config).await?;
    let load = Load::start(&waybill.gateway, usize::MAX, 16);
    load.acknowledged(300).await?;

    // Connections that break are replaced; orders in flight on them may be refused.
    for _ in 0..3 {
        proxy.cut();
        recovered(&waybill, &load).await?;
    }
    proxy.refuse();
    unavailable(&waybill, &load).await?;
    proxy.heal();
    recovered(&waybill, &load).await?;

    // The server got the statement, but its answer does not come: no order is acknowledged, and none is written twice.
    for direction in [Direction::ToClient, Direction::ToServer] {
        proxy.stall(direction);
        unavailable(&waybill, &load).await.with_context(|| format!("stalled {direction:?}"))?;
        proxy.heal();
        recovered(&waybill, &load).await.with_context(|| format!("healed {direction:?}"))?;
    }
    load.stop();
    settled(&waybill, load).await
}

/// Orders are refused, and both services report 503.
async fn unavailable(waybill: &Waybill, load: &Load) -> Result<()> {
    load.refused_more(20).await?;
    for service in [&waybill.orders, &waybill.invoices] {
        health(service, 503).await.context("unavailable")?;
    }
    Ok(())
}

/// Orders are taken again, and both services report 200.
async fn recovered(waybill: &Waybill, load: &Load) -> Result<()> {
    load.acknowledged_more(200).await?;
    for service in [&waybill.orders, &waybill.invoices] {
        health(service, 200).await?;
    }
    Ok(())
}

async fn health(service: &Http, status: u16) -> Result<()> {
    eventually(&format!("/health of {} is {status}", service.authority()), NOTICE_LIMIT, async || {
        let answer = service.get("/health").await?;
        answer.expect(status)?;
        ensure!(status != 503 || answer.header("retry-after").is_some(), "{:?}", answer.headers);
        Ok(Some(()))
    })
    .await
}

async fn settled(waybill: &Waybill, load: Load) -> Result<()> {
    let report = load.finish().await?;
    println!("{} acknowledged, refused: {:?}", report.acknowledged.len(), report.refused);
    ensure!(report.broken.is_empty(), "{:?}", report.broken);
    ensure!(report.refused.keys().eq([&503]), "an outage is a 503 and nothing else: {:?}", report.refused);
    ensure!(
        report.refused_without_retry_after == 0,
        "{} lack Retry-After",
        report.refused_without_retry_after
    );
    Ledger::settled(waybill).await?.ensure_invoiced_once(&report.acknowledged)
}
