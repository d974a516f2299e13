//! The pages in a real browser: `tests/browser`, run by Node.js, with Chromium.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::process::Command;
use tokio::time::timeout;
use waybill_tests::{Peer, Rabbit, Waybill, eventually, skip};

use crate::TestEnv;

/// The time that all of it may take, however busy the machine is.
const LIMIT: Duration = Duration::from_mins(5);

#[tokio::test]
async fn the_console_is_used_by_mouse_and_keyboard() -> Result<()> {
    let Some(node) = node("console.mjs") else { return Ok(()) };
    with_a_dead_letter(node).await
}

#[tokio::test]
async fn every_page_fits_its_screen_and_meets_the_rules_of_accessibility_in_light_and_dark() -> Result<()> {
    let Some(node) = node("pages.mjs") else { return Ok(()) };
    with_a_dead_letter(node).await
}

/// Runs a script on a system with RabbitMQ and a dead letter.
async fn with_a_dead_letter(mut node: Command) -> Result<()> {
    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().variable("BROKER_URL", &url)).await?;
    waybill.invoices.answers("/health", 200).await?;
    Peer::connect(&url).await?.send_to_queue("orders", b"{\"no\":\"order\"}").await?;
    eventually("a dead letter", Duration::from_secs(30), async || {
        let page = waybill.gateway.get("/console/dead-letters").await?.text();
        Ok(page.contains("letter?id=").then_some(()))
    })
    .await?;
    node.env("CONSOLE", format!("http://{}", waybill.gateway.authority()));
    node.env("TRACES", format!("http://{}", waybill.address("traces")?.authority()));
    run(node).await
}

#[tokio::test]
async fn an_invoice_is_read_on_a_phone_and_printed() -> Result<()> {
    let Some(mut node) = node("invoice.mjs") else { return Ok(()) };
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let sku = "sku".repeat(21);
    let word = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz";
    let order = format!(
        r#"{{"lines":[{{"sku":"{sku}","description":"{word} and other words","quantity":9000000,"unitPrice":100000000,
        "taxRateBasisPoints":1900}},{{"sku":"a","description":"Ink for invoices that are long","quantity":1,"unitPrice":1,
        "taxRateBasisPoints":2125}}]}}"#
    );
    let order = waybill.gateway.create("/orders", order).await?;
    let invoice = waybill.invoices.invoice_of(order["id"].as_str().context("no id")?).await?;
    let invoice = invoice["id"].as_str().context("no id")?;
    node.env("INVOICE", format!("http://{}/invoices/{invoice}", waybill.gateway.authority()));
    run(node).await
}

/// A program of `tests/browser`; `None` if the machine has no browser.
fn node(script: &str) -> Option<Command> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    let Some(chromium) = program("chromium") else {
        skip("Chromium is not installed");
        return None;
    };
    if program("node").is_none() || !folder.join("node_modules/playwright-core").exists() {
        skip("Node.js or its packages are not installed (npm ci in tests/browser)");
        return None;
    }
    let mut node = Command::new("node");
    node.arg(script).current_dir(&folder).env("CHROMIUM", chromium).kill_on_drop(true);
    Some(node)
}

async fn run(mut node: Command) -> Result<()> {
    let Ok(ended) = timeout(LIMIT, node.output()).await else { bail!("no end within {LIMIT:?}") };
    let ended = ended.context("node could not be started")?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr));
    ensure!(ended.status.success(), "{said}");
    print!("{said}");
    Ok(())
}

fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.exists())
}
