//! When a build begins, and when it is given up.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use tokio::net::TcpListener;
use tokio::time::timeout;
use waybill_tests::{Signal, Waybill, eventually};

use super::LIMIT;
use super::shop::{ANOTHER, FIRST, Shop};

#[tokio::test]
async fn a_burst_of_saves_is_one_build_and_a_save_during_it_leads_to_one_more() -> Result<()> {
    let shop = Shop::new()?;
    let waybill = Waybill::start(&shop.config()).await?;
    ensure!(shop.builds()? == 1, "the first build");
    shop.close_gate()?;
    // First, so that each build from here on makes it.
    shop.save(ANOTHER)?;
    for file in 0..50 {
        fs::write(shop.path(&format!("src/{file}.rs")), "saved")?;
    }
    shop.begun(2).await?;
    for _ in 0..50 {
        shop.save(FIRST)?;
    }
    shop.open_gate().await?;
    // The build that was under way makes the other one, and the one after it the first.
    shop.begun(3).await?;
    shop.serves(&waybill, FIRST).await?;
    // The line follows the swap, which the answers show first.
    eventually("both swaps in the log", LIMIT, async || {
        Ok((waybill.log().matches("new components serve: orders, invoices").count() == 2).then_some(()))
    })
    .await?;

    shop.save(ANOTHER)?;
    shop.serves(&waybill, ANOTHER).await?;
    ensure!(shop.builds()? == 4, "{} builds of three saves", shop.builds()?);
    Ok(())
}

#[tokio::test]
async fn a_build_and_what_it_has_started_end_with_the_program_and_at_the_time_limit() -> Result<()> {
    let shop = Shop::new()?;
    // The first build only copies files, so it makes this on any machine; the held one never does.
    let waybill = Waybill::start(&shop.config().argument("--build-timeout-s").argument("10")).await?;
    shop.close_gate()?;
    shop.save(ANOTHER)?;
    eventually("the limit on the console", LIMIT, async || {
        let page = waybill.gateway.get("/console/build").await?.text();
        Ok(page.contains("did not end within 10 s, which WAYBILL_BUILD_TIMEOUT_S").then_some(()))
    })
    .await?;
    shop.ended(1).await?;
    shop.serves(&waybill, FIRST).await?;
    waybill.stop().await?.succeeded()?;

    let before = shop.builds()?;
    fs::remove_file(shop.path("gate"))?;
    let waybill = Waybill::start(&shop.config()).await?;
    shop.close_gate()?;
    shop.save(FIRST)?;
    shop.begun(before + 2).await?;
    waybill.stop().await?.succeeded()?;
    shop.ended(2).await
}

#[tokio::test]
async fn a_folder_that_is_removed_and_made_again_is_still_watched() -> Result<()> {
    let shop = Shop::new()?;
    let waybill = Waybill::start(&shop.config()).await?;
    // As a change of branch does it.
    fs::rename(shop.path("src"), shop.path("beside"))?;
    fs::remove_dir_all(shop.path("beside"))?;
    fs::create_dir(shop.path("src"))?;
    shop.save(ANOTHER)?;
    shop.serves(&waybill, ANOTHER).await?;
    shop.save(FIRST)?;
    shop.serves(&waybill, FIRST).await
}

#[tokio::test]
async fn a_component_that_only_a_later_build_makes_takes_the_place_of_the_built_in_one() -> Result<()> {
    let shop = Shop::new()?;
    let build = "sh build.sh && if [ ! -e both ]; then rm target/components/invoices.wasm; fi";
    let waybill = Waybill::start(&shop.config().variable("WAYBILL_BUILD", build)).await?;
    // The built-in one has the same text as this one.
    shop.serves(&waybill, FIRST).await?;
    fs::write(shop.path("both"), "")?;
    shop.save(ANOTHER)?;
    shop.serves(&waybill, ANOTHER).await
}

#[tokio::test]
async fn a_signal_before_the_program_is_ready_ends_it() -> Result<()> {
    let shop = Shop::new()?;
    // A server that takes connections and says nothing, as one does that is out of order.
    let server = TcpListener::bind("127.0.0.1:0").await?;
    let config = ["orders", "invoices"].into_iter().fold(shop.config(), |config, database| {
        let url = format!("postgres://waybill:secret@{}/{database}", server.local_addr().unwrap());
        config.variable(&format!("{}_DATABASE_URL", database.to_uppercase()), url)
    });
    let config = config.variable("WAYBILL_BUILD", "sh build.sh && echo $PPID > program");
    let ask = async {
        let connection = timeout(LIMIT, server.accept()).await.context("no connection")??;
        Signal::Term.send(fs::read_to_string(shop.path("program"))?.trim().parse()?)?;
        Ok(connection)
    };
    let (ended, _connection) = tokio::try_join!(Waybill::run(&config), ask)?;
    ensure!(!ended.stdout.contains("ready"), "{}", ended.stdout);
    ended.succeeded().map(drop)
}

#[tokio::test]
async fn a_changed_migration_says_what_to_do_and_builds_nothing() -> Result<()> {
    let shop = Shop::new()?;
    let waybill = Waybill::start(&shop.config()).await?;
    fs::write(shop.path("migrations/orders/V99__notes.sql"), "SELECT 1;")?;
    let console = eventually("the migration on the console", LIMIT, async || {
        let page = waybill.gateway.get("/console").await?.text();
        Ok(page.contains("migrations/orders/V99__notes.sql changed").then_some(page))
    })
    .await?;
    ensure!(console.contains("cargo xtask dev"), "{console}");
    ensure!(shop.builds()? == 1, "a migration is built by no build");
    Ok(())
}
