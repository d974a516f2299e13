//! The primary becomes read-only and keeps its connections; a standby is promoted and takes over its address.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::task::spawn_blocking;
use tokio_postgres::NoTls;
use waybill_test_database::Server;
use waybill_tests::{TcpProxy, Waybill, eventually};

use crate::TestEnv;

/// In which writes are taken again after the promotion.
const RECOVERY_LIMIT: Duration = Duration::from_secs(30);
const LIMIT: Duration = Duration::from_mins(1);
const ORDER: &str = r#"{"amount":5000}"#;

/// A primary, and a standby that follows it.
pub(crate) async fn primary_and_standby() -> Result<(Server, Server)> {
    spawn_blocking(|| {
        let mut primary = Server::start_primary()?;
        let standby = primary.standby()?;
        Ok((primary, standby))
    })
    .await?
}

#[tokio::test]
async fn writes_are_taken_again_after_a_standby_is_promoted_behind_the_same_address() -> Result<()> {
    let env = TestEnv::local()?;
    let (primary, standby) = primary_and_standby().await?;
    let proxy = TcpProxy::start(primary.address()).await?;
    let url = |database: &str| primary.url_at(proxy.port(), database);
    let config = env
        .config()
        .variable("ORDERS_DATABASE_URL", url("orders"))
        .variable("INVOICES_DATABASE_URL", url("invoices"))
        .admin();
    let waybill = Waybill::start(&config).await?;
    let admin = waybill.address("admin")?;
    waybill.orders.create("/orders", ORDER).await?;
    replicated(&primary, &standby).await?;

    execute(&primary, "ALTER SYSTEM SET default_transaction_read_only = on").await?;
    execute(&primary, "SELECT pg_reload_conf()").await?;
    eventually("a refusal", LIMIT, async || {
        let answer = waybill.orders.post_json("/orders", ORDER).await?;
        Ok((answer.status == 503 && answer.header("retry-after").is_some()).then_some(()))
    })
    .await?;
    admin.is_not_ready(&["the database is read-only"]).await?;

    execute(&standby, "SELECT pg_promote()").await?;
    proxy.lead_to(standby.address());
    let promoted = Instant::now();
    eventually("an order that is taken", RECOVERY_LIMIT, async || {
        Ok((waybill.orders.post_json("/orders", ORDER).await?.status == 201).then_some(()))
    })
    .await
    .context("after the promotion")?;
    admin.answers("/readyz", 200).await?;
    ensure!(promoted.elapsed() < RECOVERY_LIMIT, "{:?}", promoted.elapsed());
    // All of it is at the new primary, the invoices too.
    eventually("both invoices", LIMIT, async || {
        let invoices = count(&standby, "invoices", "SELECT count(*) FROM invoices").await?;
        Ok((invoices == count(&standby, "orders", "SELECT count(*) FROM orders").await?).then_some(()))
    })
    .await
}

async fn execute(server: &Server, sql: &str) -> Result<()> {
    Ok(client(server, "postgres").await?.batch_execute(sql).await?)
}

async fn count(server: &Server, database: &str, sql: &str) -> Result<i64> {
    Ok(client(server, database).await?.query_one(sql, &[]).await?.try_get(0)?)
}

async fn client(server: &Server, database: &str) -> Result<tokio_postgres::Client> {
    let (client, connection) = tokio_postgres::connect(&server.url(database), NoTls).await?;
    tokio::spawn(async move {
        // Ends with the client.
        let _ = connection.await;
    });
    Ok(client)
}

/// Waits until the standby has what the primary has.
async fn replicated(primary: &Server, standby: &Server) -> Result<()> {
    let written: String =
        client(primary, "postgres").await?.query_one("SELECT pg_current_wal_lsn()::text", &[]).await?.get(0);
    let sql = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn");
    let standby = client(standby, "postgres").await?;
    eventually("the standby", LIMIT, async || {
        let is_there: Option<bool> = standby.query_one(&sql, &[]).await?.get(0);
        Ok((is_there == Some(true)).then_some(()))
    })
    .await
}
