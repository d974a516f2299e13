//! `waybill migrate`.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use waybill_tests::{Postgres, Waybill, WaybillConfig, ensure_contains};

use crate::TestEnv;

#[tokio::test]
async fn processes_that_migrate_at_once_wait_for_each_other() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    let config = migrate(&env, &[]).databases(&postgres);
    let all = futures::future::join_all((0..4).map(|_| Waybill::run(&config))).await;
    let mut applied = 0;
    for ended in all {
        let ended = ended?;
        ended.succeeded()?;
        applied += ended.stdout.matches("applied V1__").count();
    }
    ensure!(applied == 2, "each database is migrated once, not {applied} times in all");
    let customers = postgres.number("orders", "SELECT count(*) FROM customers").await?;
    ensure!(customers == 1, "{customers} customers");
    Ok(())
}

#[tokio::test]
async fn the_status_shows_what_is_applied_and_changes_nothing() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    let status = migrate(&env, &["--status"]).databases(&postgres);
    let before = succeeded(&status).await?;
    for line in ["V1__orders.sql", "V1__invoices.sql"] {
        ensure!(state(&before, line)?.contains("pending"), "{before}");
    }
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    let made = postgres.number("orders", tables).await? + postgres.number("invoices", tables).await?;
    ensure!(made == 0, "--status made {made} tables");

    succeeded(&migrate(&env, &[]).databases(&postgres)).await?;
    let after = succeeded(&status).await?;
    for line in ["V1__orders.sql", "V1__invoices.sql"] {
        ensure!(state(&after, line)?.contains("applied"), "{after}");
    }
    Ok(())
}

#[tokio::test]
async fn an_applied_file_that_was_changed_is_refused_with_its_name() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    succeeded(&migrate(&env, &[]).databases(&postgres)).await?;
    // The program carries its files with it, so the record of what was applied is changed in their place.
    let client = postgres.client("orders").await?;
    let changed =
        client.execute("UPDATE refinery_schema_history SET checksum = '1' WHERE version = 1", &[]).await?;
    ensure!(changed == 1, "the history has one row for each file");

    for config in [migrate(&env, &[]).databases(&postgres), env.config().databases(&postgres)] {
        let ended = Waybill::run(&config).await?;
        ensure!(!ended.status.success(), "it ended with {}", ended.status);
        ensure!(ended.stderr.contains("migrations/orders/V1__orders.sql"), "{}", ended.stderr);
    }
    let status = succeeded(&migrate(&env, &["--status"]).databases(&postgres)).await?;
    ensure!(state(&status, "V1__orders.sql")?.contains("CHANGED"), "{status}");
    Ok(())
}

#[tokio::test]
async fn a_file_that_fails_is_named_with_what_postgresql_says() -> Result<()> {
    let postgres = Postgres::start().await?;
    let env = TestEnv::local()?;
    let client = postgres.client("orders").await?;
    // The second file finds a table of its name.
    client.batch_execute("CREATE TABLE order_lines (id int)").await?;
    let failed = Waybill::run(&migrate(&env, &[]).databases(&postgres)).await?;
    ensure!(!failed.status.success(), "{}", failed.stdout);
    let words = ["migrations/orders/V2__", ".sql", "relation \"order_lines\" already exists", "42P07"];
    ensure_contains(&failed.stderr, words)?;
    client.batch_execute("DROP TABLE order_lines").await?;

    // Detail, hint and context are the server's too.
    client
        .batch_execute(
            "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
             RAISE EXCEPTION 'no tables today' USING DETAIL = 'it is a holiday', HINT = 'come back tomorrow'; END $$; \
             CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION refuse()",
        )
        .await?;
    let failed = Waybill::run(&migrate(&env, &[]).databases(&postgres)).await?;
    ensure!(!failed.status.success(), "{}", failed.stdout);
    ensure_contains(&failed.stderr, ["no tables today", "it is a holiday", "come back tomorrow", "refuse()"])
}

#[tokio::test]
async fn a_new_file_gets_the_next_number() -> Result<()> {
    let env = TestEnv::local()?;
    let folder = env.folder.path();
    let orders = folder.join("migrations/orders");
    std::fs::create_dir_all(&orders)?;
    std::fs::write(orders.join("V1__orders.sql"), "SELECT 1;")?;
    std::fs::write(orders.join("V9__more.sql"), "SELECT 1;")?;
    let new = |words: &[&str]| WaybillConfig::command([&["migrate", "new"], words].concat(), folder);

    let path = succeeded(&new(&["orders", "add_notes"])).await?;
    ensure!(Path::new(path.trim()).ends_with("migrations/orders/V10__add_notes.sql"), "{path}");
    ensure!(
        std::fs::read_to_string(orders.join("V10__add_notes.sql"))?.starts_with("-- "),
        "it explains itself"
    );

    for words in [["payments", "add_notes"], ["orders", "../escape"], ["invoices", "add_notes"]] {
        let ended = Waybill::run(&new(&words)).await?;
        ensure!(!ended.status.success(), "{words:?}: {}", ended.stdout);
        ensure!(ended.stderr.contains("error: "), "{}", ended.stderr);
    }
    Ok(())
}

fn migrate(env: &TestEnv, words: &[&str]) -> WaybillConfig {
    WaybillConfig::command([&["migrate"], words].concat(), env.folder.path())
}

async fn succeeded(config: &WaybillConfig) -> Result<String> {
    Ok(Waybill::run(config).await?.succeeded()?.to_owned())
}

fn state<'a>(status: &'a str, file: &str) -> Result<&'a str> {
    status.lines().find(|line| line.contains(file)).with_context(|| format!("{file} is not in:\n{status}"))
}
