//! When a build begins, and when it is given up.

use std::fs;

use anyhow::{Result, ensure};
use waybill_tests::{Waybill, eventually};

use super::LIMIT;
use super::shop::{ANOTHER, FIRST, Shop, is_running};

#[tokio::test]
async fn a_burst_of_saves_is_one_build_and_a_save_during_it_leads_to_one_more() -> Result<()> {
    let shop = Shop::new()?;
    let waybill = Waybill::start(&shop.config()).await?;
    ensure!(shop.builds()? == 1, "the first build");
    shop.close_gate()?;
    for file in 0..50 {
        fs::write(shop.path(&format!("src/{file}.rs")), "saved")?;
    }
    shop.save(ANOTHER)?;
    shop.begun(2).await?;
    for _ in 0..50 {
        shop.save(FIRST)?;
    }
    shop.open_gate().await?;
    // The build that was under way makes the other one, and the one after it the first.
    shop.begun(3).await?;
    shop.serves(&waybill, FIRST).await?;
    ensure!(
        waybill.log().matches("new components serve: orders, invoices").count() == 2,
        "{}",
        waybill.log()
    );

    shop.write_beside()?;
    shop.save(ANOTHER)?;
    shop.serves(&waybill, ANOTHER).await?;
    ensure!(shop.builds()? == 4, "{} builds of three saves", shop.builds()?);
    Ok(())
}

#[tokio::test]
async fn a_build_ends_with_the_program_and_at_its_time_limit() -> Result<()> {
    let shop = Shop::new()?;
    let waybill = Waybill::start(&shop.config().argument("--build-timeout-s").argument("1")).await?;
    shop.close_gate()?;
    shop.save(ANOTHER)?;
    eventually("the limit on the console", LIMIT, async || {
        let page = waybill.gateway.get("/console/build").await?.text();
        Ok(page.contains("did not end within 1 s, which WAYBILL_BUILD_TIMEOUT_S").then_some(()))
    })
    .await?;
    shop.serves(&waybill, FIRST).await?;
    waybill.stop().await?.succeeded()?;

    let before = shop.builds()?;
    let waybill = shop.config();
    fs::remove_file(shop.path("gate"))?;
    let waybill = Waybill::start(&waybill).await?;
    shop.close_gate()?;
    shop.save(FIRST)?;
    shop.begun(before + 2).await?;
    waybill.stop().await?.succeeded()?;
    for process in shop.processes()? {
        eventually("the end of the build", LIMIT, async || Ok((!is_running(process)).then_some(()))).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_changed_migration_says_what_to_do_and_builds_nothing() -> Result<()> {
    let shop = Shop::new()?;
    let waybill = Waybill::start(&shop.config()).await?;
    fs::write(shop.path("migrations/V99__notes.sql"), "SELECT 1;")?;
    let console = eventually("the migration on the console", LIMIT, async || {
        let page = waybill.gateway.get("/console").await?.text();
        Ok(page.contains("migrations/V99__notes.sql changed").then_some(page))
    })
    .await?;
    ensure!(console.contains("cargo xtask dev"), "{console}");
    ensure!(shop.builds()? == 1, "a migration is built by no build");
    Ok(())
}
