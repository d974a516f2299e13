//! `waybill dev`: components that are rebuilt on save take the place of those that serve, under load.

mod builds;
mod shop;

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hyper::Method;
use waybill_tests::{Ledger, Load, Waybill, WaybillConfig, eventually};

use crate::start::refused;
use shop::{ANOTHER, FIRST, Shop};

const LIMIT: Duration = Duration::from_mins(1);

#[tokio::test]
async fn a_new_component_takes_its_place_under_load_without_a_failed_request_or_a_lost_order() -> Result<()> {
    let shop = Shop::new()?;
    let waybill = Waybill::start(&shop.config()).await?;
    shop.serves(&waybill, FIRST).await?;
    let key = [("content-type", "application/json"), ("idempotency-key", "before-the-swap")];
    let order = r#"{"amount":7000}"#;
    let before = waybill.gateway.send(Method::POST, "/orders", &key, order).await?;
    before.expect(201)?;

    let load = Load::start(&waybill.gateway, usize::MAX, 4);
    load.acknowledged(20).await?;
    for version in [ANOTHER, FIRST, ANOTHER] {
        shop.save(version)?;
        shop.serves(&waybill, version).await?;
        load.acknowledged_more(20).await?;
    }
    load.stop();
    let report = load.finish().await?;
    println!("{} orders in {:?}", report.acknowledged.len(), report.took);
    report.complete(report.acknowledged.len())?;
    ensure!(shop.builds()? == 4, "{} builds of four versions", shop.builds()?);

    let again = waybill.gateway.send(Method::POST, "/orders", &key, order).await?;
    again.expect(201)?;
    ensure!(again.header("idempotency-replayed").is_some(), "the kept answer is lost");
    ensure!(again.json()?["id"] == before.json()?["id"], "{} {}", before.text(), again.text());
    Ledger::settled(&waybill).await?.ensure_invoiced_once(&report.acknowledged)?;
    waybill.stop().await?.succeeded().map(drop)
}

#[tokio::test]
async fn a_failed_build_is_shown_and_changes_nothing_until_the_next_good_one() -> Result<()> {
    let shop = Shop::new()?;
    let waybill = Waybill::start(&shop.config().admin()).await?;
    let console = &waybill.gateway;
    ensure!(!console.get("/console").await?.text().contains("role=\"alert\""), "there is no fault yet");
    shop.save("broken")?;
    let page = eventually("the fault on the console", LIMIT, async || {
        let page = console.get("/console").await?.text();
        Ok(page.contains("role=\"alert\"").then_some(page))
    })
    .await?;
    ensure!(page.contains("Build failed at <time") && page.contains("failed (exit status: 101)"), "{page}");
    let printed = console.get("/console/build").await?.text();
    ensure!(
        printed.contains("error: expected &#60;b&#62;;&#60;/b&#62;"),
        "escaped, without colours: {printed}"
    );
    ensure!(waybill.log().contains("\u{1b}[31merror\u{1b}[0m: expected <b>;</b>"), "as it was printed");
    waybill.address("admin")?.answers("/readyz", 200).await?;
    shop.serves(&waybill, FIRST).await?;
    waybill.gateway.post_json("/orders", r#"{"amount":1}"#).await?.expect(201)?;

    // What cannot be linked is as bad as what cannot be compiled, and neither of the two is swapped.
    shop.save("unfit")?;
    eventually("the unfit component on the console", LIMIT, async || {
        let page = console.get("/console/build").await?.text();
        Ok(page.contains("what was built cannot serve: the component invoices").then_some(()))
    })
    .await?;
    shop.serves(&waybill, FIRST).await?;

    shop.save(ANOTHER)?;
    shop.serves(&waybill, ANOTHER).await?;
    eventually("a console without a fault", LIMIT, async || {
        Ok((!console.get("/console").await?.text().contains("role=\"alert\"")).then_some(()))
    })
    .await?;
    let page = console.get("/console/build").await?.text();
    ensure!(page.contains("It put orders and invoices in place."), "{page}");
    Ok(())
}

#[tokio::test]
async fn what_it_cannot_work_with_is_refused_with_its_setting() -> Result<()> {
    let shop = Shop::new()?;
    for (name, value, words) in [
        ("WAYBILL_SOURCE", "nowhere", &["--source", "an example is ../shop"][..]),
        ("WAYBILL_BUILD", " ", &["--build", "an example is cargo xtask components"]),
        ("WAYBILL_BUILD_TIMEOUT_S", "0", &["--build-timeout-s", "an example is 8"]),
        ("WAYBILL_WATCH", "src,nowhere", &["(--watch)", "nowhere", "--watch src,wit"]),
        ("WAYBILL_ADMIN_LISTEN", "0.0.0.0:9464", &["(--admin-listen)", "other machines", "127.0.0.1:9464"]),
        ("WAYBILL_TRACES_LISTEN", "[::]:0", &["(--traces-listen)", "other machines"]),
    ] {
        let ended = Waybill::run(&shop.config().variable(name, value)).await?;
        refused(&ended, &[&[name], words].concat()).with_context(|| format!("{name}={value}"))?;
    }
    let no_components = shop.path("target/components");
    for (build, words) in [
        ("true", &["the build made no component in", "--component orders=./orders.wasm"][..]),
        ("exit 3", &["the build `exit 3` failed (exit status: 3)", "mend it and start again"]),
    ] {
        let ended = Waybill::run(&shop.config().variable("WAYBILL_BUILD", build)).await?;
        refused(&ended, words).with_context(|| build.to_owned())?;
    }
    let missing = shop.config().variable("WAYBILL_BUILD", "true").argument("--component");
    let missing = missing.argument(format!("orders={}", no_components.join("none.wasm").display()));
    refused(&Waybill::run(&missing).await?, &["none.wasm", "--component orders="])
}

#[tokio::test]
async fn addresses_that_other_machines_reach_are_refused() -> Result<()> {
    let shop = Shop::new()?;
    for service in ["orders", "invoices", "gateway"] {
        let words = ["dev".to_owned(), format!("--{service}-listen"), "0.0.0.0:0".to_owned()];
        let config = WaybillConfig::command(words, shop.env.folder.path());
        let config = config.variable("WAYBILL_SOURCE", shop.path("").display().to_string());
        let setting = format!("WAYBILL_{}_LISTEN (--{service}-listen)", service.to_uppercase());
        refused(&Waybill::run(&config).await?, &[&setting, "which other machines can reach"])?;
    }
    Ok(())
}

#[tokio::test]
async fn the_components_of_an_earlier_build_serve_where_the_first_one_fails() -> Result<()> {
    let shop = Shop::new()?;
    Waybill::start(&shop.config()).await?.stop().await?.succeeded()?;
    shop.save("broken")?;
    let waybill = Waybill::start(&shop.config()).await?;
    shop.serves(&waybill, FIRST).await?;
    ensure!(waybill.gateway.get("/console").await?.text().contains("role=\"alert\""), "the fault is shown");
    Ok(())
}
