//! Orders and invoices on a wasmCloud lattice, with our providers.

use anyhow::{Result, ensure};
use waybill_tests::{Lattice, Load, LoadReport, Peer, Rabbit, eventually};

use crate::rabbitmq::{LIMIT, Roles, TOKEN};
use crate::role_outages::kept_and_invoiced;

/// Orders that are acknowledged around each fault.
const ORDERS: usize = 750;

#[tokio::test]
async fn what_a_lattice_consists_of_is_killed_in_a_load_and_nothing_is_lost() -> Result<()> {
    let Some(rabbit) = Rabbit::start().await else { return Ok(()) };
    let Some((mut lattice, roles)) = prepare(rabbit.url().clone()).await? else { return Ok(()) };
    let mut report = LoadReport::default();
    for fault in [Fault::RabbitMqProvider, Fault::RabbitMq, Fault::Nats, Fault::Host] {
        println!("{fault:?}");
        let load = Load::start(&lattice.orders(), ORDERS, 16);
        load.acknowledged(ORDERS / 3).await?;
        match fault {
            Fault::RabbitMqProvider => lattice.kill_provider("rabbitmq")?,
            Fault::RabbitMq => {
                rabbit.kill().await;
                rabbit.start_again().await;
            }
            Fault::Nats => lattice.replace_nats().await?,
            Fault::Host => {
                lattice.kill_host().await?;
                lattice.start_host().await?;
            }
        }
        let before = load.finish().await?;
        println!(
            "{} acknowledged, {:?} refused, {} broken",
            before.acknowledged.len(),
            before.refused,
            before.broken.len()
        );
        lattice.serves().await?;
        let missing = ORDERS - before.acknowledged.len();
        let after = Load::start(&lattice.orders(), missing, 16).finish().await?;
        after.complete(missing)?;
        report.acknowledged.extend(before.acknowledged);
        report.acknowledged.extend(after.acknowledged);
    }
    kept_and_invoiced(&roles, &report).await
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    RabbitMqProvider,
    RabbitMq,
    Nats,
    Host,
}

#[tokio::test]
async fn a_message_that_a_component_fails_to_handle_comes_again_and_one_that_it_rejects_is_a_dead_letter()
-> Result<()> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(()) };
    let Some((_lattice, roles)) = prepare(broker_url).await? else { return Ok(()) };
    let peer = Peer::connect(&roles.broker_url).await?;
    peer.send_to_queue("orders", b"{}").await?;
    eventually("the dead letter", LIMIT, async || Ok((peer.depth("orders.dead").await? == 1).then_some(())))
        .await?;

    // What fails for a reason of the moment: the table is not there for a while.
    let client = roles.postgres.client("invoices").await?;
    client.batch_execute("ALTER TABLE invoices RENAME TO away").await?;
    let order = "5f0c7a52-1f0e-4bb4-9d2f-0a3f6f1f8e11";
    let body = format!(r#"{{"orderId":"{order}","amount":5000,"customer":{{"id":"1651654165"}}}}"#);
    peer.send_to_queue("orders", body.as_bytes()).await?;
    eventually("the message to be on the retry ladder", LIMIT, async || {
        Ok((peer.depth("orders.retry.1s").await? + peer.depth("orders.retry.10s").await? == 1).then_some(()))
    })
    .await?;
    client.batch_execute("ALTER TABLE away RENAME TO invoices").await?;
    roles.invoiced(1).await?;
    ensure!(peer.depth("orders.dead").await? == 1, "only what was rejected is a dead letter");
    Ok(())
}

#[tokio::test]
async fn components_are_scaled_in_a_load_without_an_error() -> Result<()> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(()) };
    let Some((lattice, roles)) = prepare(broker_url).await? else { return Ok(()) };
    let sixteen = lattice.manifest()?;
    let one = sixteen.replace("instances: 16", "instances: 1");
    ensure!(one != sixteen, "the manifest has no 16 instances");
    lattice.deploy(&one).await?;
    let load = Load::start(&lattice.orders(), 2_000, 8);
    load.acknowledged(300).await?;
    lattice.deploy(&sixteen).await?;
    let report = load.finish().await?;
    report.complete(2_000)?;
    kept_and_invoiced(&roles, &report).await
}

#[tokio::test]
async fn without_rabbitmq_the_lattices_own_nats_delivers_and_loses_nothing() -> Result<()> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(()) };
    let Some((mut lattice, roles)) = prepare_with("wadm.nats.yaml", broker_url).await? else { return Ok(()) };
    let load = Load::start(&lattice.orders(), ORDERS, 16);
    load.acknowledged(ORDERS / 3).await?;
    lattice.replace_nats().await?;
    let report = load.finish().await?;
    lattice.serves().await?;
    kept_and_invoiced(&roles, &report).await
}

/// None where PostgreSQL or the lattice is not here.
async fn prepare(broker_url: String) -> Result<Option<(Lattice, Roles)>> {
    prepare_with("wadm.local.yaml", broker_url).await
}

async fn prepare_with(manifest: &'static str, broker_url: String) -> Result<Option<(Lattice, Roles)>> {
    let Some(roles) = Roles::prepare_with(broker_url).await? else { return Ok(None) };
    let lattice = Lattice::start(manifest, &roles.postgres, &roles.broker_url, TOKEN, &[]).await?;
    Ok(lattice.map(|lattice| (lattice, roles)))
}
