//! The commands of documents, run in their order as a reader would: a block of `sh` that says so, in a comment before it, by the name of this
//! file. An answer that the document shows after it, as `json` or `text`, has to come. `xtask/tests/house/documents.rs` holds that each
//! block says which test runs it, or why none does.

mod block;
mod reader;

use anyhow::{Result, ensure};
use serde_json::json;
use waybill_tests::{Postgres, Rabbit, Waybill, skip};

use self::reader::Reader;
use crate::TestEnv;
use crate::access_keys::BEYOND;

#[tokio::test]
async fn the_tutorial_leads_to_a_paid_invoice_and_replays_a_dead_letter() -> Result<()> {
    let env = TestEnv::local()?;
    let mut reader = Reader::of("docs/tutorial.md", &env)?;
    let waybill = env.up().await?;
    reader.at(&waybill)?;
    reader.read_to("\n## 8. ").await?;
    waybill.stop().await?;

    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    let waybill = Waybill::start(&env.config().variable("BROKER_URL", &url)).await?;
    waybill.invoices.answers("/health", 200).await?;
    reader.at(&waybill)?;
    reader.replace("amqp://guest:guest@localhost:5672", &url);
    reader.read().await?;
    ensure!(reader.blocks_run >= 15, "{} blocks were run", reader.blocks_run);
    waybill.stop().await?;
    Ok(())
}

#[tokio::test]
async fn the_readme_shows_an_order_and_its_invoice() -> Result<()> {
    let env = TestEnv::local()?;
    let mut reader = Reader::of("README.md", &env)?;
    let waybill = env.up().await?;
    reader.at(&waybill)?;
    reader.read().await?;
    ensure!(std::fs::read(env.folder.path().join("invoice.pdf"))?.starts_with(b"%PDF"), "it is no PDF");
    Ok(())
}

#[tokio::test]
async fn the_page_of_the_api_sets_sellers_and_series() -> Result<()> {
    let env = TestEnv::local()?;
    let mut reader = Reader::of("docs/api.md", &env)?;
    let waybill = env.up().await?;
    reader.at(&waybill)?;
    let paper = json!({
        "name": "Paper Ltd", "vatId": "GB980780684", "address": "1 Lane", "city": "London", "zipCode": "N1 9GU", "country": "GB",
        "email": "a@example.com", "paymentDays": 7, "iban": "GB82WEST12345698765432",
    });
    reader.write("paper.json", &paper.to_string())?;
    reader.write("paper-series.json", r#"{"timeZone":"Europe/London"}"#)?;
    reader.read().await
}

#[tokio::test]
async fn the_page_of_keys_makes_lists_and_revokes_one() -> Result<()> {
    let env = TestEnv::local()?;
    let mut reader = Reader::of("docs/keys.md", &env)?;
    reader.read_to("\nEnd Waybill (Ctrl-C), and start it again on an address beyond").await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    reader.at(&waybill)?;
    reader.read().await
}

#[tokio::test]
async fn the_page_of_webhooks_adds_an_endpoint_and_rotates_its_secret() -> Result<()> {
    let env = TestEnv::local()?;
    let mut reader = Reader::of("docs/webhooks.md", &env)?;
    let waybill = env.up().await?;
    reader.at(&waybill)?;
    reader.read().await
}

#[tokio::test]
async fn the_page_of_backups_restores_what_it_dumped() -> Result<()> {
    if !std::process::Command::new("pg_restore").arg("--version").output().is_ok_and(|it| it.status.success())
    {
        skip("pg_dump and pg_restore are not installed (Debian's package postgresql-client)");
        return Ok(());
    }
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    waybill.invoiced(&json!({ "amount": 5000 })).await?;
    let mut reader = Reader::of("docs/backup.md", &env)?;
    let data = env.folder.path().join("data");
    reader.replace("$PWD/.waybill", &data.display().to_string());
    reader.read_to("\n## Restore\n").await?;
    let empty = Postgres::start().await?;
    for (server, database) in [("orders-db", "orders"), ("invoices-db", "invoices")] {
        reader.replace(&format!("postgresql://waybill@{server}/{database}"), &empty.url(database));
    }
    reader.read_to("\n## Recover\n").await
}

#[tokio::test]
async fn the_page_of_troubleshooting_proves_that_nothing_was_lost() -> Result<()> {
    let env = TestEnv::local()?;
    let mut reader = Reader::of("docs/troubleshooting.md", &env)?;
    let waybill = env.up().await?;
    waybill.invoiced(&json!({ "amount": 5000 })).await?;
    reader.at(&waybill)?;
    reader.read().await
}
