//! Two copies of the orders service behind a load balancer are restarted one after the other, again and again, under load.

use anyhow::{Context, Result, ensure};
use uuid::Uuid;
use waybill_tests::{Balancer, Http, Load, Postgres, Process, WaybillConfig};

use crate::TestEnv;

/// Restarts of each copy.
const RESTARTS: usize = 5;

/// The balancer asks each second and takes one answer for true, which takes a second more at the most.
pub(crate) const DRAIN_DELAY_S: &str = "3";

/// Orders between two restarts.
const ORDERS: usize = 50;

#[tokio::test]
async fn no_order_is_refused_broken_or_lost_while_copies_are_restarted_behind_a_balancer() -> Result<()> {
    let (env, postgres) = (TestEnv::local()?, Postgres::start_migrated().await?);
    let words = ["serve", "orders", "--orders-listen", "127.0.0.1:0", "--drain-delay-s", DRAIN_DELAY_S];
    let config = WaybillConfig::command(words, env.folder.path()).databases(&postgres).admin();
    let mut copies = [Process::start(&config).await?, Process::start(&config).await?];
    let balancer =
        Balancer::start([addresses(&copies[0], "orders")?, addresses(&copies[1], "orders")?]).await?;
    let load = Load::start(&balancer.address(), usize::MAX, 8);
    for restart in 0..RESTARTS {
        for (index, copy) in copies.iter_mut().enumerate() {
            load.acknowledged_more(ORDERS).await.with_context(|| format!("restart {restart} of {index}"))?;
            let new = Process::start(&config).await?;
            replace(&balancer, index, copy, "orders", new).await?;
        }
    }
    load.acknowledged_more(ORDERS).await?;
    load.stop();
    let report = load.finish().await?;
    println!("{} orders in {:?}", report.acknowledged.len(), report.took);
    ensure!(
        report.refused.is_empty() && report.broken.is_empty(),
        "{:?} {:?}",
        report.refused,
        report.broken
    );
    let ids: Vec<Uuid> = report.acknowledged.iter().map(|order| order.id).collect();
    let client = postgres.client("orders").await?;
    let kept = "SELECT count(*), count(*) FILTER (WHERE id = ANY($1)) FROM orders";
    let kept = client.query_one(kept, &[&ids]).await?;
    let (all, acknowledged): (i64, i64) = (kept.try_get(0)?, kept.try_get(1)?);
    ensure!(usize::try_from(acknowledged)? == ids.len(), "{acknowledged} of {} are there", ids.len());
    ensure!(all == acknowledged, "{} orders that were not acknowledged", all - acknowledged);
    Ok(())
}

/// Puts a new copy of a service in the place of one that ends in order, and waits until requests go to it.
pub(crate) async fn replace(
    balancer: &Balancer,
    index: usize,
    copy: &mut Process,
    service: &str,
    new: Process,
) -> Result<()> {
    std::mem::replace(copy, new).stop().await?.succeeded()?;
    let (service, admin) = addresses(copy, service)?;
    balancer.replace(index, service, admin).await
}

/// Where it serves, and where it says whether it is ready.
pub(crate) fn addresses(copy: &Process, service: &str) -> Result<(Http, Http)> {
    Ok((copy.address(service)?, copy.address("admin")?))
}
