//! Databases that answer and do not do their work: a privilege or a table is missing, or no standby confirms a commit.

use std::time::Duration;

use anyhow::{Result, ensure};
use waybill_tests::{Peer, Postgres, Rabbit, Waybill, eventually};

use crate::TestEnv;
use crate::metrics::counts_no_attempt;

const LIMIT: Duration = Duration::from_secs(30);
const ORDER: &str = "5f0c7a52-1f0e-4bb4-9d2f-0a3f6f1f8e14";

#[tokio::test]
async fn a_missing_privilege_or_table_is_waited_for_and_named() -> Result<()> {
    let env = TestEnv::servers().await?;
    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    let postgres = env.postgres()?;
    let waybill = Waybill::start(&env.config().variable("BROKER_URL", &url).admin()).await?;
    let admin = waybill.address("admin")?;
    waybill.invoices.answers("/health", 200).await?;

    run(postgres, "orders", "ALTER TABLE orders RENAME TO x").await?;
    run(postgres, "invoices", "ALTER TABLE invoice_series RENAME TO x").await?;
    is_refused(&waybill).await?;
    let event = format!(r#"{{"orderId":"{ORDER}","amount":5000,"customer":{{"id":"1651654165"}}}}"#);
    Peer::connect(&url).await?.send_to_queue("orders", event.as_bytes()).await?;
    for database in ["orders_database", "invoices_database"] {
        admin.is_not_ready(&[database, "SQLSTATE 42P01"]).await?;
    }

    run(postgres, "orders", "ALTER TABLE x RENAME TO orders").await?;
    run(postgres, "invoices", "ALTER TABLE x RENAME TO invoice_series").await?;
    admin.answers("/readyz", 200).await?;
    waybill.invoices.invoice_of(ORDER).await?;
    counts_no_attempt(&admin).await?;
    is_taken(&waybill).await
}

#[tokio::test]
async fn while_no_standby_confirms_commits_orders_are_refused_and_readyz_says_why() -> Result<()> {
    let local = TestEnv::local()?;
    let postgres = Postgres::start_with(&[("wal_level", "replica"), ("max_wal_senders", "4")]).await?;
    let waybill = Waybill::start(&local.config().databases(&postgres).admin()).await?;
    let admin = waybill.address("admin")?;
    is_taken(&waybill).await?;

    set_standby(&postgres, "nobody").await?;
    is_refused(&waybill).await?;
    admin.is_not_ready(&["orders_database", "synchronous standby"]).await?;
    set_standby(&postgres, "").await?;
    admin.answers("/readyz", 200).await?;
    is_taken(&waybill).await
}

async fn run(postgres: &Postgres, database: &str, sql: &str) -> Result<()> {
    Ok(postgres.client(database).await?.batch_execute(sql).await?)
}

async fn set_standby(postgres: &Postgres, name: &str) -> Result<()> {
    let client = postgres.client("postgres").await?;
    client.batch_execute(&format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'")).await?;
    Ok(client.batch_execute("SELECT pg_reload_conf()").await?)
}

async fn is_refused(waybill: &Waybill) -> Result<()> {
    let refused = eventually("a refusal", LIMIT, async || {
        let answer = waybill.orders.post_json("/orders", r#"{"amount":5000}"#).await?;
        Ok((answer.status != 201).then_some(answer))
    })
    .await?;
    ensure!(refused.status == 503 && refused.header("retry-after").is_some(), "{refused:?}");
    Ok(())
}

async fn is_taken(waybill: &Waybill) -> Result<()> {
    eventually("an order that is taken", LIMIT, async || {
        let answer = waybill.orders.post_json("/orders", r#"{"amount":5000}"#).await?;
        Ok((answer.status == 201).then_some(()))
    })
    .await
}
