//! The error that ends a command leads to the section of the documentation that explains it, in the real program's words.

use std::net::TcpListener;

use anyhow::{Result, ensure};
use waybill_tests::{Postgres, Waybill, WaybillConfig};

use crate::TestEnv;
use crate::start::refused;

const NOBODY: &str = "127.0.0.1:1";

/// The last line names this section, and the error stays one sentence.
async fn leads_to(config: WaybillConfig, section: &str) -> Result<()> {
    let ended = Waybill::run(&config).await?;
    refused(&ended, &[])?;
    let last = ended.stderr.trim_end().lines().last().unwrap_or_default();
    let is_there = last.starts_with("See: https://") && last.ends_with(&format!("/blob/main/docs/{section}"));
    ensure!(is_there, "not {section}: {}", ended.stderr);
    ensure!(ended.stderr.matches("See: ").count() == 1, "{}", ended.stderr);
    Ok(())
}

#[tokio::test]
async fn a_database_that_cannot_be_used_leads_to_its_section() -> Result<()> {
    let (env, postgres) = (TestEnv::local()?, Postgres::start().await?);
    let with = |words: &[&str], orders: &str| {
        WaybillConfig::command(words.iter().copied(), env.folder.path())
            .variable("ORDERS_DATABASE_URL", orders)
            .variable("INVOICES_DATABASE_URL", postgres.url("invoices"))
    };
    let read_only = postgres.url("orders") + "&options=-c%20default_transaction_read_only%3Don";
    for (url, heading) in [
        (format!("postgresql://{NOBODY}/orders"), "a-database-cannot-be-reached"),
        (postgres.url("missing"), "a-database-refuses-the-account"),
        (read_only, "a-database-is-read-only"),
        ("postgresql://u:a@b@h/orders".to_owned(), "a-database-url-is-wrong"),
    ] {
        leads_to(with(&["migrate"], &url), &format!("troubleshooting.md#{heading}")).await?;
    }
    // Nothing was migrated yet.
    let keys = with(&["keys", "list"], &postgres.url("orders"));
    leads_to(keys, "troubleshooting.md#a-database-has-another-schema").await
}

#[tokio::test]
async fn what_else_ends_a_command_leads_to_its_section() -> Result<()> {
    let env = TestEnv::local()?;
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let taken = taken.local_addr()?.to_string();
    for (words, heading) in [
        (&["up", "--orders-listen", &taken][..], "troubleshooting.md#an-address-cannot-be-opened"),
        (&["compile", "--component", "orders=/nowhere.wasm"], "troubleshooting.md#a-component-is-missing"),
        (
            &["keys", "create", "--name", "a", "--scope", "orders:read", "--postgres", "/nowhere"],
            "troubleshooting.md#the-local-postgresql-does-not-start",
        ),
        (
            &["orders", "list", "--url", "http://127.0.0.1:1"],
            "troubleshooting.md#the-services-cannot-be-reached",
        ),
        (&["up", "--prefetch", "0"], "settings.md#waybill_prefetch"),
        (&["up", "--concurrency", "16", "--prefetch", "8"], "settings.md#waybill_concurrency"),
        (&["up", "--broker-url", "amqp://h?heartbeet=1"], "settings.md#broker_url"),
        (&["up", "--events-token", "short"], "settings.md#waybill_events_token"),
        (&["up", "--secrets-key", "short"], "settings.md#waybill_secrets_key"),
        (&["up", "--log", "a=b=c"], "settings.md#rust_log"),
        (&["relay", "--to", "http://h/events"], "settings.md#orders_database_url"),
        (&["keys", "list"], "troubleshooting.md#there-is-no-database"),
        (&["audit"], "troubleshooting.md#there-is-no-database"),
    ] {
        let config = WaybillConfig::command(words.iter().copied(), env.folder.path());
        leads_to(config, heading).await?;
    }
    let broker = WaybillConfig::command(["dead-letters", "list"], env.folder.path())
        .variable("BROKER_URL", format!("amqp://{NOBODY}"));
    leads_to(broker, "troubleshooting.md#rabbitmq-cannot-be-used").await?;
    let required = WaybillConfig::command(["dead-letters", "list"], env.folder.path());
    leads_to(required, "settings.md#broker_url").await
}
