//! Databases that the program cannot use end it at its start, with the setting's name and what to do.

use anyhow::{Result, ensure};
use waybill_test_database::Server;
use waybill_tests::{Postgres, Waybill, WaybillConfig};

use crate::TestEnv;
use crate::failover::primary_and_standby;

#[tokio::test]
async fn a_character_that_was_not_encoded_ends_each_role_with_the_settings_name_and_without_the_password()
-> Result<()> {
    let env = TestEnv::local()?;
    for character in ["#", "/", "?", "@", "%"] {
        let url = format!("postgresql://waybill:ge{character}heim@127.0.0.1:1/orders");
        for words in
            [&["migrate"][..], &["serve", "orders"], &["relay"], &["up"], &["keys", "list"], &["audit"]]
        {
            let config = WaybillConfig::command(words.iter().copied(), env.folder.path())
                .variable("ORDERS_DATABASE_URL", &url)
                .variable("INVOICES_DATABASE_URL", "postgresql://127.0.0.1:1/invoices")
                .variable("BROKER_URL", "amqp://127.0.0.1:1");
            let ended = Waybill::run(&config).await?;
            let said = format!("{}{}", ended.stdout, ended.stderr);
            ensure!(!ended.status.success(), "{words:?} took {character}");
            ensure!(
                said.contains("ORDERS_DATABASE_URL") && said.contains("percent-encode"),
                "{words:?}: {said}"
            );
            ensure!(!said.contains("heim"), "{words:?}: {said}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_database_that_cannot_be_used_ends_the_start_with_the_reason() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    let latin1 = "CREATE DATABASE latin1 ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0";
    postgres.client("postgres").await?.batch_execute(latin1).await?;
    for (url, reason) in [
        (postgres.url("latin1"), "LATIN1"),
        (postgres.url("orders") + "&sslcrl=x", "sslcrl"),
        (postgres.url("orders") + "&sslmode=verify-ca&sslrootcert=/nowhere/ca.crt", "/nowhere/ca.crt"),
        (
            postgres.url("orders") + "&options=-c%20default_transaction_read_only%3Don",
            "the database is read-only",
        ),
    ] {
        for words in [&["migrate"][..], &["serve", "orders"], &["relay"]] {
            let config = WaybillConfig::command(words.iter().copied(), env.folder.path())
                .variable("ORDERS_DATABASE_URL", &url)
                .variable("INVOICES_DATABASE_URL", postgres.url("invoices"))
                .variable("BROKER_URL", "amqp://127.0.0.1:1");
            let ended = Waybill::run(&config).await?;
            ensure!(!ended.status.success(), "{words:?} took it: {reason}");
            let said = &ended.stderr;
            ensure!(said.contains("ORDERS_DATABASE_URL") && said.contains(reason), "{words:?}: {said}");
            ensure!(!said.contains("geheim"), "{words:?}: {said}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_search_path_in_the_url_is_that_of_every_role() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    postgres.client("orders").await?.batch_execute("CREATE SCHEMA own").await?;
    let url = postgres.url("orders") + "&options=-c%20search_path%3Down";
    let config = |words: &[&str]| {
        WaybillConfig::command(words.iter().copied(), env.folder.path())
            .variable("ORDERS_DATABASE_URL", &url)
            .variable("INVOICES_DATABASE_URL", postgres.url("invoices"))
    };
    Waybill::run(&config(&["migrate"])).await?.succeeded()?;
    let serve = config(&["up", "--orders-listen", "127.0.0.1:0", "--invoices-listen", "127.0.0.1:0"])
        .argument("--gateway-listen")
        .argument("127.0.0.1:0")
        .variable("WAYBILL_TRACES_LISTEN", "off");
    let waybill = Waybill::start(&serve).await?;
    waybill.orders.post_json("/orders", r#"{"amount":5000}"#).await?.expect(201)?;
    ensure!(postgres.number("orders", "SELECT count(*) FROM own.orders").await? == 1);
    let elsewhere = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    ensure!(postgres.number("orders", elsewhere).await? == 0);
    Ok(())
}

/// What only reads may ask a standby.
#[tokio::test]
async fn an_audit_of_a_standby_is_possible() -> Result<()> {
    let env = TestEnv::local()?;
    let (primary, standby) = primary_and_standby().await?;
    let of = |words: &[&str], server: &Server| {
        WaybillConfig::command(words.iter().copied(), env.folder.path())
            .variable("ORDERS_DATABASE_URL", server.url("orders"))
            .variable("INVOICES_DATABASE_URL", server.url("invoices"))
    };
    Waybill::run(&of(&["migrate"], &primary)).await?.succeeded()?;
    waybill_tests::eventually("the migrated standby", std::time::Duration::from_mins(1), async || {
        Ok(Waybill::run(&of(&["audit"], &standby)).await?.status.success().then_some(()))
    })
    .await
}
