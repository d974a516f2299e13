//! The seller is set without SQL, and until then every document is a specimen.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use waybill_tests::{Waybill, eventually};

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

on_both_databases!(two_sellers_issue_in_their_own_names_and_series);

async fn two_sellers_issue_in_their_own_names_and_series(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    let json_type = [("content-type", "application/json")];
    let set = waybill.gateway.send(Method::PUT, "/seller", &json_type, seller().to_string()).await?;
    set.expect(200)?;
    let paper = json!({
        "name": "Paper Ltd", "vatId": "GB980780684", "address": "1 Lane", "city": "London", "zipCode": "N1 9GU", "country": "GB",
        "email": "a@example.com", "paymentDays": 7, "iban": "GB82WEST12345698765432",
    });
    let file = env.folder.path().join("paper.json");
    std::fs::write(&file, paper.to_string())?;
    let path = file.display().to_string();
    let command = async |words: &[&str]| Waybill::run(&env.command(words)).await;

    // The order is taken before its seller is set. It is rejected with the reason, and not invoiced by anybody else.
    let early = json!({ "amount": 5000, "sellerId": "paper" }).to_string();
    let early = waybill.gateway.post_json("/orders", early).await?;
    early.expect(201)?;
    ensure!(early.json()?["sellerId"] == "paper", "{}", early.text());
    let early = early.json()?["id"].as_str().unwrap_or_default().to_owned();
    let first = waybill.invoiced(&json!({ "amount": 5000 })).await?;
    let page = eventually("the event to be parked", Duration::from_secs(30), async || {
        let page = waybill.gateway.get("/console/dead-letters").await?.text();
        Ok(page.contains("PUT /sellers/paper").then_some(page))
    })
    .await?;
    let reason = page.split(r#"name="reason" value=""#).nth(1).and_then(|rest| rest.split('"').next());
    let reason = reason.context("no form to retry it")?.replace("&#34;", "\"");
    ensure!(reason.contains("sellerId names \"paper\""), "{reason}");

    command(&["seller", "set", &path, "--seller", "paper"]).await?.succeeded()?;
    let listed = command(&["seller", "list"]).await?;
    ensure!(listed.succeeded()? == "default  Ink & Paper GmbH\npaper  Paper Ltd\n", "{}", listed.stdout);
    let shown = command(&["seller", "show", "--seller", "paper"]).await?;
    ensure!(serde_json::from_str::<Value>(shown.succeeded()?)? == paper, "{}", shown.stdout);
    refused(&command(&["seller", "show", "--seller", "Paper"]).await?, &["1 to 40 letters a to z"])?;
    refused(&command(&["series", "show", "--seller", "nobody"]).await?, &["There is no seller nobody."])?;
    std::fs::write(&file, r#"{"timeZone":"Europe/London","invoicePrefix":"P-"}"#)?;
    command(&["series", "set", &path, "--seller", "paper"]).await?.succeeded()?;

    let form = reason.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
    let form_type = [("content-type", "application/x-www-form-urlencoded")];
    let retried = waybill
        .gateway
        .send(Method::POST, "/console/parked-events/retry", &form_type, format!("reason={form}"))
        .await?;
    retried.expect(303)?;
    let early = waybill.invoices.invoice_of(&early).await?;
    let second = waybill.invoiced(&json!({ "amount": 5000, "sellerId": "default" })).await?;
    let third = waybill.invoiced(&json!({ "amount": 5000, "sellerId": "paper" })).await?;
    for (invoice, id, start, end, name) in [
        (&first, "default", "2", "-000001", "Ink & Paper GmbH"),
        (&early, "paper", "P-", "-000001", "Paper Ltd"),
        (&second, "default", "2", "-000002", "Ink & Paper GmbH"),
        (&third, "paper", "P-", "-000002", "Paper Ltd"),
    ] {
        let number = invoice["number"].as_str().unwrap_or_default();
        ensure!(invoice["sellerId"] == id && number.starts_with(start) && number.ends_with(end), "{invoice}");
        ensure!(invoice["seller"]["name"] == name, "{invoice}");
        let page = waybill.represented(invoice, "text/html", "en").await?;
        ensure!(
            page.contains(&name.replace('&', "&amp;")) || page.contains(&name.replace('&', "&#38;")),
            "{page}"
        );
        ensure!(page.contains(number), "{page}");
    }
    let xml = waybill.represented(&third, "application/xml;profile=en16931", "en").await?;
    ensure!(xml.contains("Paper Ltd") && xml.contains("GB82WEST12345698765432"), "{xml}");

    let wrong = json!({ "amount": 5000, "sellerId": "Paper Ltd" }).to_string();
    let wrong = waybill.gateway.post_json("/orders", wrong).await?;
    wrong.expect_problem(422)?;
    ensure!(wrong.json()?["errors"][0]["field"] == "sellerId", "{}", wrong.text());

    waybill.stop().await?;
    let audited = command(&["audit", "--grace-s", "0"]).await?;
    ensure!(audited.succeeded()?.contains("paper/"), "{}", audited.stdout);
    Ok(())
}
