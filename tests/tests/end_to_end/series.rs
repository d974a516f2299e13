//! How numbers and dates are formed is set without SQL.

use anyhow::{Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use waybill_tests::{Waybill, ensure_contains};

use crate::access_keys::{BEYOND, create, get, refused};
use crate::{TestEnv, on_both_databases};

on_both_databases!(numbers_have_the_form_that_is_set_wherever_they_are_shown);

async fn numbers_have_the_form_that_is_set_wherever_they_are_shown(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    let order = json!({ "amount": 5000 });
    let first = waybill.invoiced(&order).await?;

    // By the command, while the service runs.
    let shown = Waybill::run(&env.command(&["series", "show"])).await?;
    let mut settings: Value = serde_json::from_str(shown.succeeded()?)?;
    settings["invoicePrefix"] = "INV-".into();
    settings["invoiceFormat"] = "{prefix}{year}/{number:4}".into();
    settings["invoiceStartNumber"] = 1001.into();
    settings["timeZone"] = "Europe/Berlin".into();
    let file = env.folder.path().join("series.json");
    std::fs::write(&file, settings.to_string())?;
    let path = file.display().to_string();
    let set = Waybill::run(&env.command(&["series", "set", &path])).await?;
    ensure!(serde_json::from_str::<Value>(set.succeeded()?)? == settings, "{}", set.stdout);
    ensure!(waybill.gateway.get("/series").await?.json()? == settings);

    let next = waybill.invoiced(&order).await?;
    let (year, number) =
        (&next["issueDate"].as_str().unwrap_or_default()[..4], next["number"].as_str().unwrap_or_default());
    ensure!(number == format!("INV-{year}/1001"), "{next}");
    let page = waybill.represented(&next, "text/html", "en").await?;
    ensure!(page.contains(number), "{page}");
    let settings_page = waybill.gateway.get("/console/settings").await?.text();
    ensure_contains(
        &settings_page,
        [
            r#"name="invoicePrefix" value="INV-""#,
            r#"name="invoiceStartNumber" value="1001""#,
            r#"value="Europe/Berlin""#,
            "/console/settings\" aria-current",
        ],
    )?;
    let again = waybill.invoices.invoice_of(first["orderId"].as_str().unwrap_or_default()).await?;
    ensure!(again == first, "an issued invoice keeps its number: {again}");

    std::fs::write(&file, r#"{"invoiceFormat":"{number}","timeZone":"Europe/Entenhausen"}"#)?;
    refused(
        &Waybill::run(&env.command(&["series", "set", &path])).await?,
        &["invoiceFormat must have {year}"],
    )?;
    std::fs::write(&file, r#"{"timeZone":"Europe/Entenhausen"}"#)?;
    refused(
        &Waybill::run(&env.command(&["series", "set", &path])).await?,
        &["timeZone must be the name of a time zone"],
    )?;
    ensure!(waybill.gateway.get("/series").await?.json()? == settings, "nothing is changed");
    waybill.stop().await?;
    let audited = Waybill::run(&env.command(&["audit", "--grace-s", "0"])).await?;
    ensure!(audited.succeeded()?.contains("ends with the number 1001"), "{}", audited.stdout);
    Ok(())
}

#[tokio::test]
async fn the_series_need_a_scope_of_their_own_and_remember_the_key() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let (reader, writer) =
        (create(&env, &["series:read", "seller:write"]).await?, create(&env, &["series:write"]).await?);
    let put = async |key: &str| {
        let bearer = format!("Bearer {key}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        waybill
            .gateway
            .send(Method::PUT, "/series", &headers, json!({ "invoicePrefix": "A" }).to_string())
            .await
    };
    put(&reader).await?.expect_problem(403)?;
    get(&waybill.gateway, "/series", &reader).await?.expect(200)?;
    get(&waybill.gateway, "/series", &writer).await?.expect_problem(403)?;
    put(&writer).await?.expect(200)?;
    let of_writer = "SELECT count(*) FROM series_settings_history AS h JOIN api_keys AS k ON k.id = h.settings ->> 'api_key' \
                     WHERE k.scopes = '{series:write}'";
    ensure!(env.postgres()?.number("invoices", of_writer).await? == 1);
    Ok(())
}
