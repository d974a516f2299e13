//! Letters that the built-in font lacks are printed in the operator's fonts.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use waybill_tests::{Waybill, fonts};

use crate::TestEnv;
use crate::access_keys::refused;

const NAMES: [&str; 2] = ["株式会社山田商店", "شركة النور للتجارة"];

/// The invoice of a customer's order.
async fn invoice_of(waybill: &Waybill, number: usize, name: &str) -> Result<Value> {
    let customer = json!({
        "name": name,
        "email": format!("{number}@example.com"),
        "address": "Road 1",
        "city": "Berlin",
        "zipCode": "10115",
        "country": "DE",
    });
    let customer = waybill.gateway.post_json("/customers", customer.to_string()).await?;
    customer.expect(201)?;
    waybill.invoiced(&json!({ "amount": 5000, "customerId": customer.json()?["id"] })).await
}

/// The text without spaces: the reader adds some between pieces.
fn dense(text: &str) -> String {
    text.split_whitespace().collect()
}

async fn pdf_of(waybill: &Waybill, invoice: &Value) -> Result<String> {
    let path = format!("/invoices/{}", invoice["id"].as_str().context("an invoice has an identifier")?);
    let answer = waybill.gateway.get_as(&path, "application/pdf", "en").await?;
    answer.expect(200)?;
    let pdf = lopdf::Document::load_mem(&answer.body)?;
    Ok(pdf.extract_text(&pdf.get_pages().into_keys().collect::<Vec<_>>())?.replace('\n', " "))
}

#[tokio::test]
async fn names_are_printed_in_the_operator_s_fonts() -> Result<()> {
    let Some(folder) = fonts()? else { return Ok(()) };
    let env = TestEnv::local()?;
    let mut invoices = Vec::new();
    let waybill = Waybill::start(&env.config()).await?;
    for (number, name) in NAMES.into_iter().enumerate() {
        let invoice = invoice_of(&waybill, number, name).await?;
        let text = pdf_of(&waybill, &invoice).await?;
        ensure!(!dense(&text).contains(&dense(name)) && text.contains("stands for letters"), "{text}");
        invoices.push(invoice);
    }
    waybill.stop().await?;

    let named = env.config().argument("--fonts").argument(folder.path());
    let waybill = Waybill::start(&named).await?;
    for (name, invoice) in NAMES.into_iter().zip(&invoices) {
        let text = pdf_of(&waybill, invoice).await?;
        ensure!(dense(&text).contains(&dense(name)) && !text.contains("stands for letters"), "{text}");
    }
    waybill.stop().await?;
    Ok(())
}

#[tokio::test]
async fn a_folder_with_a_broken_font_ends_the_program() -> Result<()> {
    let env = TestEnv::local()?;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("broken.ttf"), [0; 64])?;
    let ended = Waybill::run(&env.config().argument("--fonts").argument(folder.path())).await?;
    refused(
        &ended,
        &["WAYBILL_FONTS (--fonts <FOLDER>)", "broken.ttf: it is not a TrueType or OpenType font"],
    )
}
