//! `waybill audit`.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use waybill_tests::{Ended, Ledger, Load, Postgres, Waybill, WaybillConfig};

use crate::{TestEnv, on_both_databases};

mod damage;
mod issued;
mod late;
mod restored;
mod sellers;

/// A session in which no trigger refuses a change, as a superuser may have.
const BY_FORCE: &str = "SET session_replication_role = replica";
const AS_USUAL: &str = "SET session_replication_role = origin";

/// Orders of a run.
const ORDERS: usize = 200;

/// What the audit may use at most, in KiB, and rows enough that it would use more if it kept them.
const MEMORY_LIMIT_KIB: u64 = 150 << 10;
const MANY: i64 = 400_000;

on_both_databases!(a_run_without_faults_is_clean);

async fn a_run_without_faults_is_clean(env: &TestEnv) -> Result<()> {
    place_orders(env).await?;
    let report = Report::of(env, 0).await?;
    ensure!(report.code == 0 && report.findings.is_empty(), "{report:?}");
    ensure!(report.summary["orders"] == ORDERS && report.summary["invoices"] == ORDERS, "{report:?}");
    Ok(())
}

#[tokio::test]
async fn each_kind_of_damage_is_found_with_its_identifiers_and_nothing_else_is() -> Result<()> {
    let env = TestEnv::servers().await?;
    let postgres = env.postgres()?;
    place_orders(&env).await?;
    let orders = postgres.client("orders").await?;
    let invoices = postgres.client("invoices").await?;
    let id_of = async |sql: &str| -> Result<String> { Ok(invoices.query_one(sql, &[]).await?.try_get(0)?) };

    invoices.batch_execute(BY_FORCE).await?;
    let lost = id_of("DELETE FROM invoices WHERE number = 7 RETURNING order_id::text").await?;
    let changed =
        id_of("UPDATE invoices SET amount = amount + 1 WHERE number = 9 RETURNING order_id::text").await?;
    let orphan = id_of("SELECT id::text FROM invoices WHERE number = 11").await?;
    orders
        .batch_execute(&format!(
            "DELETE FROM orders WHERE id = '{}'",
            id_of("SELECT order_id::text FROM invoices WHERE number = 11").await?
        ))
        .await?;
    invoices.batch_execute("UPDATE invoice_series SET last_number = last_number + 2").await?;
    orders
        .batch_execute(
            "INSERT INTO outbox (id, event_type, order_id, payload, set_aside_at, last_error) \
             VALUES ('00000000-0000-7000-8000-000000000001', 'order.created', \
                     '00000000-0000-7000-8000-000000000002', '{}', now(), 'no good')",
        )
        .await?;

    let report = Report::of(&env, 0).await?;
    ensure!(report.code == 1, "{report:?}");
    let kinds: Vec<&str> = report.findings.iter().filter_map(|finding| finding["kind"].as_str()).collect();
    let expected = [
        "order_without_invoice",
        "amount_differs",
        "invoice_without_order",
        "document_differs",
        "number_gap",
        "counter_differs",
        "event_parked",
    ];
    ensure!(kinds.len() == expected.len(), "{report:?}");
    ensure!(BTreeSet::from_iter(kinds) == BTreeSet::from(expected), "{report:?}");
    let has = |kind: &str, field: &str, value: &Value| {
        report.findings.iter().any(|finding| finding["kind"] == kind && finding[field] == *value)
    };
    ensure!(has("order_without_invoice", "order", &lost.into()), "{report:?}");
    ensure!(has("order_without_invoice", "event", &"delivered".into()), "{report:?}");
    ensure!(has("amount_differs", "order", &changed.into()), "{report:?}");
    ensure!(has("invoice_without_order", "invoice", &orphan.into()), "{report:?}");
    ensure!(has("document_differs", "number", &9.into()), "{report:?}");
    ensure!(has("number_gap", "first", &7.into()) && has("number_gap", "last", &7.into()), "{report:?}");
    ensure!(has("event_parked", "error", &"no good".into()), "{report:?}");
    Ok(())
}

#[tokio::test]
async fn orders_that_are_on_their_way_are_no_finding_until_the_grace_time_is_over() -> Result<()> {
    let env = TestEnv::servers().await?;
    let postgres = env.postgres()?;
    migrate(&env).await?;
    let orders = postgres.client("orders").await?;
    let insert = "INSERT INTO orders (id, customer_id, amount, created_at) \
                  VALUES (gen_random_uuid(), '1651654165', 1, now() - make_interval(secs => $1))";
    orders.execute(insert, &[&30.0]).await?;
    let report = Report::of(&env, 60).await?;
    ensure!(report.code == 0 && report.summary["young"] == 1, "{report:?}");
    orders.execute(insert, &[&90.0]).await?;
    let report = Report::of(&env, 60).await?;
    ensure!(report.code == 1 && report.findings.len() == 1, "{report:?}");
    Ok(())
}

#[tokio::test]
async fn an_audit_that_cannot_be_made_is_not_mistaken_for_one_that_found_something() -> Result<()> {
    let env = TestEnv::local()?;
    let config = audit(&env)
        .variable("ORDERS_DATABASE_URL", "postgresql://nobody:geheim@127.0.0.1:1/orders")
        .variable("INVOICES_DATABASE_URL", "postgresql://nobody:geheim@127.0.0.1:1/invoices");
    let Ended { status, stderr, .. } = Waybill::run(&config).await?;
    ensure!(status.code() == Some(2), "{status}");
    ensure!(stderr.contains("ORDERS_DATABASE_URL") && !stderr.contains("geheim"), "{stderr}");
    Ok(())
}

#[tokio::test]
async fn a_folder_without_a_database_is_refused_and_gets_none() -> Result<()> {
    let env = TestEnv::local()?;
    let Ended { status, stderr, .. } = Waybill::run(&audit(&env)).await?;
    let data = env.folder.path().join("data");
    ensure!(status.code() == Some(2) && stderr.contains(&data.display().to_string()), "{status}: {stderr}");
    ensure!(!data.exists(), "an audit makes nothing");
    Ok(())
}

#[tokio::test]
async fn a_waybill_that_runs_is_audited_and_not_disturbed() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    waybill.gateway.create("/orders", r#"{"amount":1}"#).await?;
    Ledger::settled(&waybill).await?;
    let Ended { status, stderr, .. } = Waybill::run(&audit(&env)).await?;
    ensure!(status.success(), "{status}: {stderr}");
    ensure!(waybill.gateway.get("/orders").await?.status == 200, "the one that runs is not disturbed");
    Ok(())
}

#[tokio::test]
async fn the_memory_does_not_grow_with_the_orders() -> Result<()> {
    let env = TestEnv::servers().await?;
    let postgres = env.postgres()?;
    migrate(&env).await?;
    fill(postgres, MANY).await?;
    let ended = Waybill::run(&databases(&audit(&env), &env)).await?;
    ensure!(ended.status.success(), "{} {}", ended.stdout, ended.stderr);
    let used_kib = ended.peak_memory_kib;
    println!("{used_kib} KiB for {MANY} orders, in {:?}", ended.after);
    ensure!(used_kib < MEMORY_LIMIT_KIB, "{used_kib} KiB");
    Ok(())
}

/// Makes orders with their invoices: both have the numbers from 1 for identifiers, see [`id`].
async fn fill(postgres: &Postgres, count: i64) -> Result<()> {
    let id = "lpad(to_hex(n), 32, '0')::uuid";
    let orders = format!(
        "INSERT INTO orders (id, customer_id, amount, created_at) \
         SELECT {id}, '1651654165', n, now() - interval '1 day' FROM generate_series(1, {count}) AS n; \
         ANALYZE orders"
    );
    let invoices = format!(
        "INSERT INTO invoices (id, order_id, series, number, customer_id, amount, currency) \
         SELECT {id}, {id}, '2026', n, '1651654165', n, 'EUR' FROM generate_series(1, {count}) AS n; \
         INSERT INTO invoice_series (series, last_number) VALUES ('2026', {count}); \
         ANALYZE invoices"
    );
    postgres.client("orders").await?.batch_execute(&orders).await?;
    postgres.client("invoices").await?.batch_execute(&invoices).await?;
    Ok(())
}

/// The identifier of an order, or of an invoice, of [`fill`].
fn id(number: i64) -> String {
    uuid::Uuid::from_u128(u128::try_from(number).unwrap_or_default()).to_string()
}

async fn place_orders(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    Load::start(&waybill.orders, ORDERS, 8).finish().await?.complete(ORDERS)?;
    Ledger::settled(&waybill).await?;
    waybill.stop().await?;
    Ok(())
}

async fn migrate(env: &TestEnv) -> Result<()> {
    let config = databases(&WaybillConfig::command(["migrate"], env.folder.path()), env);
    Waybill::run(&config).await?.succeeded().map(drop)
}

fn audit(env: &TestEnv) -> WaybillConfig {
    let data = env.folder.path().join("data");
    WaybillConfig::command(["audit", "--json", "--data"], env.folder.path()).argument(data)
}

fn databases(config: &WaybillConfig, env: &TestEnv) -> WaybillConfig {
    match &env.postgres {
        Some(postgres) => config.clone().databases(postgres),
        None => config.clone(),
    }
}

/// What an audit said.
#[derive(Debug)]
struct Report {
    code: i32,
    findings: Vec<Value>,
    summary: Value,
}

impl Report {
    /// With a grace time in seconds.
    async fn of(env: &TestEnv, grace_s: u32) -> Result<Self> {
        let config = audit(env).argument("--grace-s").argument(grace_s.to_string());
        let ended = Waybill::run(&databases(&config, env)).await?;
        let lines = ended.stdout.lines().map(serde_json::from_str).collect::<Result<Vec<Value>, _>>();
        let mut findings = lines.with_context(|| ended.stdout.clone())?;
        let summary = findings.pop().with_context(|| ended.stderr.clone())?;
        Ok(Self { code: ended.status.code().context("it was killed")?, findings, summary })
    }
}
