//! Orders and invoices on a wasmCloud lattice, with our providers.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use waybill_lattice_tests::Lattice;
use waybill_tests::{Load, LoadReport, Peer, Postgres, Process, Rabbit, WaybillConfig, eventually};

/// How long a message may take to where it is looked for.
const LIMIT: Duration = Duration::from_mins(1);

/// The token of `POST /events`.
const TOKEN: &str = "0123456789abcdef-for-tests";

/// Orders that are acknowledged around each fault.
const ORDERS: usize = 750;

#[tokio::test]
async fn what_a_lattice_consists_of_is_killed_in_a_load_and_nothing_is_lost() -> Result<()> {
    let Some(rabbit) = Rabbit::start().await else { return Ok(()) };
    let Some((mut lattice, servers)) = prepare(rabbit.url().clone()).await? else { return Ok(()) };
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
    servers.kept_and_invoiced(&report).await
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
    let Some((_lattice, servers)) = prepare(broker_url).await? else { return Ok(()) };
    let peer = Peer::connect(&servers.broker_url).await?;
    peer.send_to_queue("orders", b"{}").await?;
    eventually("the dead letter", LIMIT, async || Ok((peer.depth("orders.dead").await? == 1).then_some(())))
        .await?;

    // What fails for a reason of the moment: a constraint forbids it for a while.
    let client = servers.postgres.client("invoices").await?;
    client.batch_execute("ALTER TABLE invoices ADD CONSTRAINT not_now CHECK (false) NOT VALID").await?;
    let order = "5f0c7a52-1f0e-4bb4-9d2f-0a3f6f1f8e11";
    let body = format!(r#"{{"orderId":"{order}","amount":5000,"customer":{{"id":"1651654165"}}}}"#);
    peer.send_to_queue("orders", body.as_bytes()).await?;
    eventually("the message to be on the retry ladder", LIMIT, async || {
        Ok((peer.depth("orders.retry.1s").await? + peer.depth("orders.retry.10s").await? == 1).then_some(()))
    })
    .await?;
    client.batch_execute("ALTER TABLE invoices DROP CONSTRAINT not_now").await?;
    servers.invoiced(1).await?;
    ensure!(peer.depth("orders.dead").await? == 1, "only what was rejected is a dead letter");
    Ok(())
}

#[tokio::test]
async fn components_are_scaled_in_a_load_without_an_error() -> Result<()> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(()) };
    let Some((lattice, servers)) = prepare(broker_url).await? else { return Ok(()) };
    let sixteen = lattice.manifest()?;
    let one = sixteen.replace("instances: 16", "instances: 1");
    ensure!(one != sixteen, "the manifest has no 16 instances");
    lattice.deploy(&one).await?;
    let load = Load::start(&lattice.orders(), 2_000, 8);
    load.acknowledged(300).await?;
    lattice.deploy(&sixteen).await?;
    let report = load.finish().await?;
    report.complete(2_000)?;
    servers.kept_and_invoiced(&report).await
}

#[tokio::test]
async fn without_rabbitmq_the_lattices_own_nats_delivers_and_loses_nothing() -> Result<()> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(()) };
    let Some((mut lattice, servers)) = prepare_with("wadm.nats.yaml", broker_url).await? else {
        return Ok(());
    };
    let load = Load::start(&lattice.orders(), ORDERS, 16);
    load.acknowledged(ORDERS / 3).await?;
    lattice.replace_nats().await?;
    let report = load.finish().await?;
    lattice.serves().await?;
    servers.kept_and_invoiced(&report).await
}

/// `None` where PostgreSQL or the lattice is not here.
async fn prepare(broker_url: String) -> Result<Option<(Lattice, Servers)>> {
    prepare_with("wadm.local.yaml", broker_url).await
}

async fn prepare_with(manifest: &'static str, broker_url: String) -> Result<Option<(Lattice, Servers)>> {
    let postgres = Postgres::start_migrated().await?;
    let lattice = Lattice::start(manifest, &postgres, &broker_url, TOKEN, &[]).await?;
    Ok(lattice.map(|lattice| (lattice, Servers { postgres, broker_url })))
}

/// What the application on the lattice works with.
struct Servers {
    postgres: Postgres,
    broker_url: String,
}

impl Servers {
    /// Checks that every acknowledged order is there, that every order has its invoice, and that the audit finds nothing.
    async fn kept_and_invoiced(&self, report: &LoadReport) -> Result<()> {
        let (ids, amounts): (Vec<_>, Vec<_>) =
            report.acknowledged.iter().map(|order| (order.id, order.amount)).unzip();
        let client = self.postgres.client("orders").await?;
        let kept = "SELECT count(*) FROM unnest($1::uuid[], $2::bigint[]) AS given (id, amount) \
                    JOIN orders ON orders.id = given.id AND orders.amount = given.amount";
        let kept: i64 = client.query_one(kept, &[&ids, &amounts]).await?.try_get(0)?;
        ensure!(usize::try_from(kept)? == ids.len(), "{kept} of {} acknowledged orders are there", ids.len());
        self.invoiced(self.postgres.number("orders", "SELECT count(*) FROM orders").await?).await?;
        self.audit_is_clean().await
    }

    async fn invoiced(&self, orders: i64) -> Result<()> {
        eventually(&format!("{orders} invoices"), LIMIT * 3, async || {
            let invoices = self.postgres.number("invoices", "SELECT count(*) FROM invoices").await?;
            ensure!(invoices >= orders, "{invoices} invoices");
            Ok(Some(()))
        })
        .await
    }

    async fn audit_is_clean(&self) -> Result<()> {
        let folder = TempDir::with_prefix("waybill-")?;
        let audit = WaybillConfig::command(["audit", "--grace-s", "0"], folder.path())
            .databases(&self.postgres)
            .variable("BROKER_URL", &self.broker_url);
        let audited = Process::run(&audit).await?;
        ensure!(audited.status.success(), "{}\n{}", audited.stdout, audited.stderr);
        let dead = Peer::connect(&self.broker_url).await?.depth("orders.dead").await;
        ensure!(dead.as_ref().is_ok_and(|dead| *dead == 0) || dead.is_err(), "dead letters: {dead:?}");
        audited.stdout.contains("clean").then_some(()).context("it does not say so")
    }
}
