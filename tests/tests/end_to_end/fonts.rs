//! Letters that the built-in font lacks are printed in the operator's fonts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

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
    fs::write(folder.path().join("broken.ttf"), [0; 64])?;
    let ended = Waybill::run(&env.config().argument("--fonts").argument(folder.path())).await?;
    refused(
        &ended,
        &["WAYBILL_FONTS (--fonts <FOLDER>)", "broken.ttf: it is not a TrueType or OpenType font"],
    )
}

/// What `waybill fonts add` copies is found by fontconfig, which here is two scripts that know fonts of their own.
#[tokio::test]
async fn fonts_of_the_machine_are_copied_once_and_never_replaced() -> Result<()> {
    let Some(system) = fonts()? else { return Ok(()) };
    let env = TestEnv::local()?;
    let programs = tempfile::tempdir()?;
    let (regular, bold) = (system.path().join("DejaVuSans.ttf"), system.path().join("Bold.ttf"));
    fs::copy(system.path().join("DroidSansFallbackFull.ttf"), &bold)?;
    let program = |name: &str, body: &str| {
        let path = programs.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n"))?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755))
    };
    let (regular_path, bold_path) = (regular.display(), bold.display());
    program(
        "fc-list",
        &format!("case \"$3\" in *Nothing*) ;; *) echo {regular_path}; echo {bold_path};; esac"),
    )?;
    program(
        "fc-match",
        &format!("case \"$3\" in *weight=80*) printf %s {regular_path};; *) printf %s {bold_path};; esac"),
    )?;
    let folder = env.folder.path().join("new/fonts");
    let add = async |names: &[&str], path: &Path| {
        let arguments =
            [&["fonts", "add", "--fonts", folder.to_str().unwrap_or_default()][..], names].concat();
        Waybill::run(&env.command(&arguments).variable("PATH", path.display().to_string())).await
    };

    refused(&add(&["Nothing"], programs.path()).await?, &["no font of this machine is called Nothing"])?;
    ensure!(!folder.exists(), "nothing is made for a font that is not there");
    let nowhere = tempfile::tempdir()?;
    refused(&add(&["Hebrew"], nowhere.path()).await?, &["fc-list is not installed: install fontconfig"])?;

    let added = add(&["Hebrew", "DejaVu Sans"], programs.path()).await?;
    added.succeeded()?;
    for (name, source) in [("DejaVuSans.ttf", &regular), ("Bold.ttf", &bold)] {
        ensure!(fs::read(folder.join(name))? == fs::read(source)?, "{name}: {added:?}");
    }
    let again = add(&["Hebrew"], programs.path()).await?;
    again.succeeded()?;
    ensure!(again.stdout.matches("present").count() == 2 && !again.stdout.contains("added"), "{again:?}");

    // The machine's font was updated, and documents are out.
    let kept = fs::read(folder.join("Bold.ttf"))?;
    fs::copy(&regular, &bold)?;
    refused(&add(&["Hebrew"], programs.path()).await?, &["is another version of", "PDFs that are out"])?;
    ensure!(fs::read(folder.join("Bold.ttf"))? == kept);
    fs::write(&bold, [0; 64])?;
    refused(&add(&["Hebrew"], programs.path()).await?, &["Bold.ttf cannot be used", "it is not a TrueType"])
}
