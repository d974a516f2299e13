//! Orders and invoices on wasmCloud 2, fed with events by the relay, or over RabbitMQ.

use anyhow::{Result, ensure};
use waybill_tests::{Load, LoadReport, OtherHost as _, Peer, Rabbit, Wash, Wasi, eventually};

use crate::on_other_hosts::{an_answer_is_lost, killed_in_a_load, orders_between_kills, relay_to};
use crate::rabbitmq::{LIMIT, Roles, TOKEN};
use crate::role_outages::kept_and_invoiced;

/// Orders that are acknowledged around each kind of fault.
const ORDERS: usize = 600;

#[tokio::test]
async fn wasmcloud_database_and_relay_are_killed_in_a_load_and_nothing_is_lost() -> Result<()> {
    let Some((mut wash, mut roles)) = prepare().await? else { return Ok(()) };
    let relay = relay_to(&roles, &wash.events()).await?;
    let mut report = killed_in_a_load(&mut wash, orders_between_kills(ORDERS)?).await?;

    let load = Load::start(&wash.orders(), ORDERS, 16);
    load.acknowledged(ORDERS / 3).await?;
    relay.kill().await?;
    load.acknowledged_more(ORDERS / 3).await?;
    let _relay = relay_to(&roles, &wash.events()).await?;
    let through_relays = load.finish().await?;
    through_relays.complete(ORDERS)?;
    report.acknowledged.extend(through_relays.acknowledged);

    let load = Load::start(&wash.orders(), usize::MAX, 16);
    for clean in [true, false] {
        load.acknowledged_more(ORDERS / 3).await?;
        if clean {
            roles.postgres.stop().await?;
        } else {
            roles.postgres.kill().await?;
        }
        load.refused_more(20).await?;
        roles.postgres.restart().await?;
    }
    load.acknowledged_more(ORDERS / 3).await?;
    load.stop();
    let through_outages = load.finish().await?;
    only_unavailable(&through_outages)?;
    report.acknowledged.extend(through_outages.acknowledged);
    kept_and_invoiced(&roles, &report).await
}

#[tokio::test]
async fn an_answer_of_wasmcloud_that_is_lost_leads_to_a_second_delivery_and_one_invoice() -> Result<()> {
    let Some((wash, roles)) = prepare().await? else { return Ok(()) };
    an_answer_is_lost(&wash, &roles).await
}

/// The plugin reports a broken connection as an invalid query.
#[tokio::test]
async fn a_connection_to_the_database_that_breaks_on_wasmcloud_is_unavailability_and_no_defect() -> Result<()>
{
    let Some((wash, roles)) = prepare().await? else { return Ok(()) };
    let _relay = relay_to(&roles, &wash.events()).await?;
    let administrator = roles.postgres.client("postgres").await?;
    let load = Load::start(&wash.orders(), usize::MAX, 16);
    load.acknowledged_more(100).await?;
    let before = load.refused();
    eventually("requests that lose their connection", LIMIT, async || {
        administrator
            .execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'orders'", &[])
            .await?;
        Ok((load.refused() >= before + 20).then_some(()))
    })
    .await?;
    load.acknowledged_more(100).await?;
    load.stop();
    let report = load.finish().await?;
    only_unavailable(&report)?;
    kept_and_invoiced(&roles, &report).await
}

/// The service component that consumes RabbitMQ dies with the host, and waits for RabbitMQ and the database.
#[tokio::test]
async fn rabbitmq_wasmcloud_and_database_are_killed_in_a_load_and_nothing_is_lost() -> Result<()> {
    let Some(rabbit) = Rabbit::start().await else { return Ok(()) };
    let Some(mut roles) = Roles::prepare_with(rabbit.url()).await? else { return Ok(()) };
    let wash = Wash::start_consuming(&roles.postgres, TOKEN, &[], &roles.broker_url).await?;
    let Some(mut wash) = wash else { return Ok(()) };
    let _relay = roles.relay().await?;
    let mut report = killed_in_a_load(&mut wash, orders_between_kills(ORDERS)?).await?;

    let load = Load::start(&wash.orders(), ORDERS, 16);
    load.acknowledged(ORDERS / 3).await?;
    rabbit.kill().await;
    load.acknowledged_more(ORDERS / 3).await?;
    rabbit.start_again().await;
    let through_rabbitmq = load.finish().await?;
    through_rabbitmq.complete(ORDERS)?;
    report.acknowledged.extend(through_rabbitmq.acknowledged);
    roles.invoiced(i64::try_from(report.acknowledged.len())?).await?;

    // A message that comes while the database is unavailable waits, and no attempt is counted.
    let load = Load::start(&wash.orders(), usize::MAX, 16);
    load.acknowledged_more(ORDERS / 3).await?;
    roles.postgres.stop().await?;
    load.refused_more(20).await?;
    roles.postgres.restart().await?;
    load.acknowledged_more(ORDERS / 3).await?;
    load.stop();
    let through_outage = load.finish().await?;
    only_unavailable(&through_outage)?;
    report.acknowledged.extend(through_outage.acknowledged);
    kept_and_invoiced(&roles, &report).await?;
    let peer = Peer::connect(&roles.broker_url).await?;
    for queue in ["orders", "orders.isolated", "orders.retry.1s", "orders.retry.10s", "orders.dead"] {
        ensure!(peer.depth(queue).await? == 0, "{queue} is not empty");
    }
    Ok(())
}

/// Every refusal was a 503 that says when to come again.
fn only_unavailable(report: &LoadReport) -> Result<()> {
    ensure!(report.broken.is_empty(), "{:?}", report.broken);
    ensure!(report.refused.keys().eq([&503]), "{:?}", report.refused);
    let silent = report.refused_without_retry_after;
    ensure!(silent == 0, "{silent} lack Retry-After");
    Ok(())
}

/// `None` if wasmCloud 2, NATS, PostgreSQL or RabbitMQ is not installed.
async fn prepare() -> Result<Option<(Wash, Roles)>> {
    let Some(roles) = Roles::prepare().await? else { return Ok(None) };
    let wash = Wash::start(&roles.postgres, TOKEN, &[], Wasi::V0_2).await?;
    Ok(wash.map(|wash| (wash, roles)))
}
