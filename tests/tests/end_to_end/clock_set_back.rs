//! The databases' clocks are set back by an hour. What the servers write by themselves, and what was written before, is then in the
//! future of every statement.

use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use waybill_tests::{Hooks, Waybill, eventually};

use crate::TestEnv;
use crate::access_keys::{BEYOND, create, get, id, order};

/// How long anything may take that nothing holds up.
const LIMIT: Duration = Duration::from_secs(30);

/// A clock that is found before PostgreSQL's own, in statements but not in the defaults of columns.
const CLOCK: &str = "
    CREATE SCHEMA clock;
    CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql STABLE RETURN pg_catalog.now() - interval '1 hour';
    CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    RETURN pg_catalog.clock_timestamp() - interval '1 hour';
";

async fn set_clocks_back(env: &TestEnv) -> Result<()> {
    for database in ["orders", "invoices"] {
        let set = format!("{CLOCK} ALTER DATABASE {database} SET search_path = public, clock, pg_catalog");
        env.postgres()?.client(database).await?.batch_execute(&set).await?;
    }
    Ok(())
}

#[tokio::test]
async fn orders_are_invoiced_and_webhooks_delivered_at_once() -> Result<()> {
    let env = TestEnv::servers().await?;
    env.up().await?.stop().await?;
    set_clocks_back(&env).await?;
    let hooks = Hooks::start().await?;
    let waybill = Waybill::start(&env.config().argument("--webhooks-allow-private")).await?;
    let endpoint = json!({ "url": hooks.url("/") }).to_string();
    waybill.gateway.post_json("/webhook-endpoints", endpoint).await?.expect(201)?;
    let order = waybill.gateway.post_json("/orders", r#"{"amount":5000}"#).await?.json()?;
    let order = order["id"].as_str().unwrap_or_default();
    waybill.invoices.invoice_of(order).await?;
    eventually("the webhook", LIMIT, async || Ok((!hooks.received().is_empty()).then_some(()))).await
}

#[tokio::test]
async fn a_key_that_has_expired_stays_expired() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let key = create(&env, &["orders:write", "invoices:read"]).await?;
    order(&waybill.gateway, Some(&key)).await?.expect(201)?;
    waybill.stop().await?;
    set_clocks_back(&env).await?;
    for database in ["orders", "invoices"] {
        let expire = "UPDATE api_keys SET expires_at = pg_catalog.now() - interval '1 minute' WHERE id = $1";
        env.postgres()?.client(database).await?.execute(expire, &[&id(&key)]).await?;
    }
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    order(&waybill.gateway, Some(&key)).await?.expect_problem(401)?;
    get(&waybill.gateway, "/invoices", &key).await?.expect_problem(401)?;
    let listed = Waybill::run(&env.command(&["keys", "list"])).await?;
    ensure!(listed.succeeded()?.contains("expired"), "{}", listed.stdout);
    Ok(())
}

#[tokio::test]
async fn the_audit_finds_what_was_lost_before() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = env.up().await?;
    let placed = waybill.gateway.post_json("/orders", r#"{"amount":5000}"#).await?.json()?;
    waybill.invoices.invoice_of(placed["id"].as_str().unwrap_or_default()).await?;
    waybill.stop().await?;
    set_clocks_back(&env).await?;
    env.postgres()?
        .client("invoices")
        .await?
        .batch_execute("SET session_replication_role = replica; DELETE FROM invoices")
        .await?;
    let audited = Waybill::run(&env.command(&["audit", "--json", "--grace-s", "60"])).await?;
    let finding: Value = serde_json::from_str(audited.stdout.lines().next().unwrap_or_default())?;
    ensure!(finding["kind"] == "order_without_invoice" && finding["order"] == placed["id"], "{finding}");
    Ok(())
}
