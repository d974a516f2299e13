//! Invoices and credit notes as documents.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};
use waybill_tests::{Answer, Http, eventually};

use super::problems::refused;
use crate::system::LIMIT;
use crate::{System, Verdict};

/// More lines than a page holds.
const LINES: i64 = 60;

pub async fn an_invoice_is_a_page_a_pdf_and_ubl(system: &System) -> Result<Verdict> {
    let invoice = invoice_of_lines(system, LINES).await?;
    let number = invoice["number"].as_str().context("an invoice without a number")?;
    ensure!(invoice["seller"]["name"].is_string() && invoice["dueDate"].is_string(), "{invoice}");
    let path = path_of("invoices", &invoice)?;
    for entry in system.invoices_entries() {
        let json = represented(entry, &path, "*/*", "de").await?;
        ensure!(json.header("content-type") == Some("application/json"), "{:?}", json.headers);
        ensure!(json.json()? == invoice, "JSON is what there is by default");

        let page = represented(entry, &path, "text/html", "en").await?;
        ensure!(page.header("content-type") == Some("text/html; charset=utf-8"), "{:?}", page.headers);
        for text in [number, "Ink &amp; &lt;paper&gt;", "€714.00"] {
            ensure!(page.text().contains(text), "{text} is not in {}", page.text());
        }

        let pdf = represented(entry, &path, "application/pdf", "en").await?;
        ensure!(pdf.header("content-type") == Some("application/pdf"), "{:?}", pdf.headers);
        ensure!(pdf.body.starts_with(b"%PDF-") && pdf.body.trim_ascii_end().ends_with(b"%%EOF"), "no PDF");
        ensure!(pages_of(&pdf.body) > 1, "{LINES} lines on {} pages", pages_of(&pdf.body));
        let again = represented(entry, &path, "application/pdf", "en").await?;
        ensure!(pdf.body == again.body, "the same invoice is the same bytes");

        let ubl = represented(entry, &path, "application/xml", "de").await?;
        ensure!(ubl.header("content-type") == Some("application/xml"), "{:?}", ubl.headers);
        ensure!(ubl.header("content-language").is_none(), "UBL is in no language");
        let ubl = well_formed(&ubl)?;
        for text in [
            format!("<cbc:ID>{number}</cbc:ID>"),
            "<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>".into(),
            "<cbc:PayableAmount currencyID=\"EUR\">714.00</cbc:PayableAmount>".into(),
        ] {
            ensure!(ubl.contains(&text), "{text} is not in {ubl}");
        }
        ensure!(i64::try_from(ubl.matches("<cac:InvoiceLine>").count())? == LINES, "{ubl}");
    }
    Ok(Verdict::Kept)
}

pub async fn documents_are_in_the_reader_s_language(system: &System) -> Result<Verdict> {
    let order = system.place(r#"{"amount":123456}"#).await?;
    let invoice = system.awaited_invoice_of(order["id"].as_str().unwrap_or_default()).await?;
    let path = path_of("invoices", &invoice)?;
    for (asked, language, word, amount) in [
        ("de-AT, en;q=0.5", "de", "Rechnung", "1.234,56\u{a0}€"),
        ("nl, fr;q=0.9, en;q=0.8", "fr", "Facture", "1\u{202f}234,56\u{a0}€"),
        ("es", "es", "Factura", "1234,56\u{a0}€"),
        ("pt-BR", "pt-PT", "Fatura", "1234,56\u{a0}€"),
        ("nl", "en", "Invoice", "€1,234.56"),
    ] {
        let page = represented(&system.invoices, &path, "text/html", asked).await?;
        ensure!(page.header("content-language") == Some(language), "{asked}: {:?}", page.headers);
        ensure!(page.text().contains(word) && page.text().contains(amount), "{asked}: {}", page.text());
        let pdf = represented(&system.invoices, &path, "application/pdf", asked).await?;
        ensure!(pdf.header("content-language") == Some(language), "{asked}: {:?}", pdf.headers);
    }
    Ok(Verdict::Kept)
}

pub async fn an_impossible_document_is_refused_with_the_alternatives(system: &System) -> Result<Verdict> {
    let order = system.place(r#"{"amount":5001,"currency":"KWD"}"#).await?;
    let invoice = system.awaited_invoice_of(order["id"].as_str().unwrap_or_default()).await?;
    let path = path_of("invoices", &invoice)?;
    let send = async |accept: &str| system.invoices.send(Method::GET, &path, &[("accept", accept)], "").await;
    // Fils are thousandths, and EN 16931 knows hundredths.
    for accept in ["image/png", "application/xml"] {
        let refusal = send(accept).await?;
        refused(&refusal, 406, "").context(accept)?;
        ensure!(varies(&refusal), "{:?}", refusal.headers);
        for offer in ["application/json", "text/html", "application/pdf"] {
            ensure!(refusal.text().contains(offer), "{offer} is on offer: {}", refusal.text());
        }
    }
    let otherwise = send("application/xml, application/pdf;q=0.1").await?;
    ensure!(otherwise.header("content-type") == Some("application/pdf"), "{:?}", otherwise.headers);
    Ok(Verdict::Kept)
}

pub async fn a_canceled_order_has_a_credit_note_with_documents_of_its_own(
    system: &System,
) -> Result<Verdict> {
    let invoice = invoice_of_lines(system, 1).await?;
    let order = invoice["orderId"].as_str().context("an invoice without an order")?;
    system.orders.send(Method::POST, &format!("/orders/{order}/cancel"), &[], "").await?;
    let credited = eventually("a credit note", LIMIT, async || {
        let invoice = system.invoice_of(order).await?.context("no invoice")?;
        Ok((!invoice["creditNote"].is_null()).then_some(invoice))
    })
    .await?;
    let note = &credited["creditNote"];
    let path = path_of("credit-notes", note)?;
    let (number, billed) = (note["number"].as_str().unwrap_or_default(), &invoice["number"]);
    for entry in system.invoices_entries() {
        let shown = represented(entry, &path, "application/json", "en").await?.json()?;
        ensure!(shown["number"] == *number && shown["invoice"]["number"] == *billed, "{shown}");
        ensure!(shown["invoice"]["id"] == invoice["id"] && shown["amount"] == invoice["amount"], "{shown}");
        let list = entry.get("/credit-notes?limit=100").await?.json()?;
        let listed = list["creditNotes"].as_array().context("no list")?;
        ensure!(listed.contains(&shown), "{shown} is not in {list}");

        let page = represented(entry, &path, "text/html", "de").await?;
        ensure!(page.text().contains("Stornorechnung") && page.text().contains(number), "{}", page.text());
        let pdf = represented(entry, &path, "application/pdf", "de").await?;
        ensure!(pdf.body.starts_with(b"%PDF-") && pages_of(&pdf.body) == 1, "{}", pages_of(&pdf.body));
        let ubl = represented(entry, &path, "application/xml", "de").await?;
        let ubl = well_formed(&ubl)?;
        ensure!(ubl.contains("<cbc:CreditNoteTypeCode>381<"), "{ubl}");
        ensure!(ubl.contains(&format!("<cbc:ID>{}</cbc:ID>", billed.as_str().unwrap_or("?"))), "{ubl}");
    }
    Ok(Verdict::Kept)
}

/// The invoice of an order of so many lines at 10 EUR and 19 %.
async fn invoice_of_lines(system: &System, count: i64) -> Result<Value> {
    let line = |at: i64| json!({ "sku": format!("ink-{at}"), "description": "Ink & <paper>", "quantity": 1, "unitPrice": 1000, "taxRateBasisPoints": 1900 });
    let lines: Vec<Value> = (0..count).map(line).collect();
    let order = system.place(&json!({ "lines": lines }).to_string()).await?;
    system.awaited_invoice_of(order["id"].as_str().context("an order without an id")?).await
}

fn path_of(list: &str, value: &Value) -> Result<String> {
    Ok(format!("/{list}/{}", value["id"].as_str().context("something without an id")?))
}

/// An answer with a representation, of which every cache has to know what it depends on.
async fn represented(entry: &Http, path: &str, accept: &str, language: &str) -> Result<Answer> {
    let answer = entry.get_as(path, accept, language).await?;
    ensure!(answer.status == 200, "{accept}: {} {}", answer.status, answer.text());
    ensure!(varies(&answer), "{:?}", answer.headers);
    Ok(answer)
}

/// Whether `Vary` names both headers; a host may add others, and write them in one line or in several.
fn varies(answer: &Answer) -> bool {
    let values = answer.headers.get_all("vary").iter().filter_map(|value| value.to_str().ok());
    let names: Vec<String> =
        values.flat_map(|value| value.split(',')).map(|name| name.trim().to_lowercase()).collect();
    ["accept", "accept-language"].iter().all(|name| names.iter().any(|found| found == name))
}

fn well_formed(answer: &Answer) -> Result<String> {
    let text = answer.text();
    let mut reader = Reader::from_str(&text);
    while !matches!(reader.read_event().context("XML that is not well formed")?, Event::Eof) {}
    Ok(text)
}

/// How many pages a PDF has: each is an object of type `Page`, and their list one of type `Pages`.
fn pages_of(pdf: &[u8]) -> usize {
    let kind = b"/Type/Page";
    pdf.windows(kind.len() + 1).filter(|text| text.starts_with(kind) && !text.ends_with(b"s")).count()
}
