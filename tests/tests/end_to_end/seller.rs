//! The seller is set without SQL, and until then every document is a specimen.

use anyhow::{Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use waybill_tests::Waybill;

use crate::access_keys::{BEYOND, create, get, refused};
use crate::{TestEnv, on_both_databases};

on_both_databases!(documents_are_specimens_until_a_seller_is_set_and_keep_theirs);

fn seller() -> Value {
    json!({
        "name": "Ink & Paper GmbH",
        "vatId": "DE136695976",
        "address": "Gasse 1",
        "city": "Köln",
        "zipCode": "50667",
        "country": "DE",
        "email": "rechnung@example.com",
        "paymentDays": 14,
        "iban": "DE02120300000000202051",
        "bic": "BYLADEM1001",
    })
}

async fn documents_are_specimens_until_a_seller_is_set_and_keep_theirs(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    let order = json!({ "amount": 5000 });
    let specimen = waybill.invoiced(&order).await?;
    ensure!(specimen["seller"]["isSpecimen"] == true, "{specimen}");
    ensure!(specimen["seller"]["iban"].is_null() && specimen["seller"]["bic"].is_null(), "{specimen}");
    ensure!(waybill.represented(&specimen, "text/html", "en").await?.contains("Specimen: no seller is set"));

    let put = waybill.gateway.put_json("/seller", seller().to_string()).await?;
    put.expect(200)?;
    ensure!(put.json()? == seller(), "{}", put.text());
    ensure!(waybill.gateway.get("/seller").await?.json()? == seller());

    let valid = waybill.invoiced(&order).await?;
    ensure!(valid["seller"] == seller(), "{valid}");
    ensure!(!waybill.represented(&valid, "text/html", "en").await?.contains("Specimen"));
    let first = waybill.invoices.invoice_of(specimen["orderId"].as_str().unwrap_or_default()).await?;
    ensure!(first == specimen, "an issued invoice never changes: {first}");

    let faulty = r#"{"name":"\u00a0","vatId":"GR136695976","address":"a","city":"b","zipCode":"c","country":"UK","email":"d","iban":"DE1","seller":1}"#;
    let answer = waybill.gateway.put_json("/seller", faulty).await?;
    answer.expect_problem(422)?;
    let problem = answer.json()?;
    let fields: Vec<_> =
        problem["errors"].as_array().into_iter().flatten().map(|error| &error["field"]).collect();
    ensure!(fields == ["seller", "name", "vatId", "country", "email", "iban"], "{problem}");
    ensure!(waybill.gateway.get("/seller").await?.json()? == seller(), "nothing is changed");

    // The command does the same while the service runs.
    let shown = Waybill::run(&env.command(&["seller", "show"])).await?;
    let mut edited: Value = serde_json::from_str(shown.succeeded()?)?;
    ensure!(edited == seller(), "{edited}");
    let file = env.folder.path().join("seller.json");
    edited["city"] = "Bonn".into();
    std::fs::write(&file, edited.to_string())?;
    let path = file.display().to_string();
    Waybill::run(&env.command(&["seller", "set", &path])).await?.succeeded()?;
    ensure!(waybill.invoiced(&order).await?["seller"]["city"] == "Bonn");
    std::fs::write(&file, r#"{"name":"Ink"}"#)?;
    refused(&Waybill::run(&env.command(&["seller", "set", &path])).await?, &["address is required"])?;
    refused(&Waybill::run(&env.command(&["seller", "set", "nowhere.json"])).await?, &["nowhere.json"])
}

#[tokio::test]
async fn the_seller_needs_a_scope_of_its_own() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let (reader, writer) =
        (create(&env, &["seller:read", "invoices:read"]).await?, create(&env, &["seller:write"]).await?);
    let put = async |key: &str| {
        let bearer = format!("Bearer {key}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        waybill.gateway.send(Method::PUT, "/seller", &headers, seller().to_string()).await
    };
    put(&reader).await?.expect_problem(403)?;
    get(&waybill.gateway, "/seller", &reader).await?.expect(200)?;
    get(&waybill.gateway, "/seller", &writer).await?.expect_problem(403)?;
    put(&writer).await?.expect(200)
}

#[tokio::test]
async fn showing_settings_creates_no_database() -> Result<()> {
    let env = TestEnv::local()?;
    for words in [&["seller", "show"][..], &["seller", "set", "-"], &["migrate", "--status"]] {
        refused(&Waybill::run(&env.command(words)).await?, &["there is no", "--data"])?;
    }
    ensure!(!env.folder.path().join("data").exists(), "nothing is made");
    Ok(())
}
