//! The host is killed in the middle of its work.

use anyhow::{Result, ensure};
use waybill_tests::{Ledger, Load};

use crate::{TestEnv, on_both_databases};

/// How often the host is killed, and how many orders are acknowledged before each kill.
const KILLS: usize = 3;
const ORDERS_BEFORE_KILL: usize = 800;

on_both_databases!(no_acknowledged_order_is_lost_when_the_host_is_killed);

/// Each acknowledged order has exactly one invoice in the end, and the numbers have no gap. Later rounds start on what
/// earlier kills left behind: open transactions, outbox rows that were delivered and not deleted, unread WAL.
async fn no_acknowledged_order_is_lost_when_the_host_is_killed(env: &TestEnv) -> Result<()> {
    let mut acknowledged = Vec::new();
    for _ in 0..KILLS {
        let waybill = env.up().await?;
        let load = Load::start(&waybill.gateway, usize::MAX, 32);
        load.acknowledged(ORDERS_BEFORE_KILL).await?;
        waybill.kill().await?;
        let report = load.finish().await?;
        ensure!(report.refused.is_empty(), "{:?}", report.refused);
        ensure!(report.broken.len() == 32, "it was killed under load: {:?}", report.broken);
        acknowledged.extend(report.acknowledged);
    }
    ensure!(acknowledged.len() >= KILLS * ORDERS_BEFORE_KILL, "{} orders", acknowledged.len());

    let waybill = env.up().await?;
    let ledger = Ledger::settled(&waybill).await?;
    println!("{} acknowledged, {} written", acknowledged.len(), ledger.orders.len());
    ledger.ensure_invoiced_once(&acknowledged)?;
    if let Some(postgres) = &env.postgres {
        waybill.stop().await?;
        let left = postgres.number("orders", "SELECT count(*) FROM outbox").await?;
        ensure!(left == 0, "{left} events are still in the outbox");
    }
    Ok(())
}
