//! Taxes by their own names, from the order to its documents: GST and PST in British Columbia, GST and QST in Québec, sales tax in New
//! York.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use waybill_tests::{Waybill, ensure_contains};

use crate::TestEnv;

/// An order, and what its invoice has.
struct Case {
    order: Value,
    /// Name, rate in basis points, net amount and tax.
    taxes: &'static [(&'static str, f64, i64, i64)],
    total: i64,
    in_page: &'static [&'static str],
}

fn line(quantity: i64, unit_price: i64, taxes: &Value) -> Value {
    json!({ "sku": "a", "description": "Ware", "quantity": quantity, "unitPrice": unit_price, "taxes": taxes })
}

fn tax(name: &str, rate: impl Into<Value>) -> Value {
    let rate: Value = rate.into();
    json!({ "name": name, "rateBasisPoints": rate })
}

fn cases() -> Vec<Case> {
    let (gst, both) = (json!([tax("GST", 500)]), json!([tax("GST", 500), tax("PST", 700)]));
    let quebec = json!([tax("GST", 500), tax("QST", 997.5)]);
    let shipping = json!([{ "amount": 1000, "reason": "Shipping", "taxes": gst }]);
    vec![
        Case {
            order: json!({ "currency": "CAD", "lines": [line(1, 10_000, &both), line(-1, 2000, &both), line(1, 5000, &gst)] }),
            taxes: &[("GST", 500.0, 13_000, 650), ("PST", 700.0, 8000, 560)],
            total: 14_210,
            in_page: &[
                "GST 5% · PST 7%",
                "GST 5% on CA$130.00</th><td>CA$6.50",
                "PST 7% on CA$80.00</th><td>CA$5.60",
            ],
        },
        Case {
            order: json!({ "currency": "CAD", "lines": [line(1, 10_000, &quebec)] }),
            taxes: &[("GST", 500.0, 10_000, 500), ("QST", 997.5, 10_000, 998)],
            total: 11_498,
            in_page: &["QST 9.975% on CA$100.00</th><td>CA$9.98", "<td>14.975%</td>"],
        },
        Case {
            order: json!({ "currency": "USD", "lines": [line(1, 1999, &json!([tax("Sales tax", 887.5)]))] }),
            taxes: &[("Sales tax", 887.5, 1999, 177)],
            total: 2176,
            in_page: &["Sales tax 8.875% on $19.99</th><td>$1.77"],
        },
        Case {
            order: json!({
                "currency": "CAD", "pricesIncludeTax": true, "charges": shipping, "lines": [line(1, 11_200, &both)],
            }),
            // 10.00 with GST is 9.523… and 0.476…: GST is 5.00 + 0.476… = 5.476…
            taxes: &[("GST", 500.0, 10_952, 548), ("PST", 700.0, 10_000, 700)],
            total: 12_200,
            in_page: &["Shipping (GST 5%)</th><td>CA$9.52", "<td>CA$122.00</td>"],
        },
    ]
}

#[tokio::test]
async fn taxes_are_billed_by_their_own_names() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let seller = json!({
        "name": "Ink Ltd.", "taxNumber": "123456789 RT0001", "address": "1 Main Street", "city": "Vancouver", "subdivision": "BC",
        "zipCode": "V6B 1A1", "country": "CA", "email": "billing@example.com", "paymentDays": 30,
    });
    waybill.gateway.put_json("/seller", seller.to_string()).await?.expect(200)?;
    let mut last = Value::Null;
    for Case { order, taxes, total, in_page } in cases() {
        let placed = waybill.gateway.create("/orders", order.to_string()).await?;
        let id = placed["id"].as_str().context("an order without an id")?;
        let shown = waybill.gateway.get(&format!("/orders/{id}")).await?.json()?;
        let listed = waybill.gateway.get("/orders?limit=1").await?.json()?;
        ensure!(shown == placed && listed["orders"][0] == placed, "{placed}: {shown}, {listed}");
        ensure!(placed["lines"][0]["taxes"] == order["lines"][0]["taxes"], "{placed}");
        let invoice = waybill.invoices.invoice_of(id).await?;
        ensure!(invoice["lines"] == placed["lines"], "{invoice}");
        has_taxes(&invoice, taxes, total)?;
        ensure!(placed["amount"] == total, "{placed}");
        has_documents(
            &waybill,
            &format!("/invoices/{}", invoice["id"].as_str().unwrap_or_default()),
            in_page,
        )
        .await?;
        last = invoice;
    }
    let note = waybill.credited(last["orderId"].as_str().unwrap_or_default()).await?;
    ensure!(note["taxes"] == last["taxes"] && note["amount"] == last["amount"], "{note}");
    has_documents(
        &waybill,
        &format!("/credit-notes/{}", note["id"].as_str().unwrap_or_default()),
        &["PST 7% on CA$100.00"],
    )
    .await?;
    a_rate_beside_taxes_is_refused(&waybill).await
}

fn has_taxes(invoice: &Value, taxes: &[(&str, f64, i64, i64)], total: i64) -> Result<()> {
    let expected: Vec<Value> = taxes
        .iter()
        .map(|(name, rate, net, tax)| (name, rate.to_string(), net, tax))
        .map(|(name, rate, net, tax)| {
            // An integer is written as one.
            let rate: Value = serde_json::from_str(&rate)?;
            Ok(json!({
                "name": name, "rateBasisPoints": rate, "netAmount": net, "taxAmount": tax, "category": "S",
            }))
        })
        .collect::<Result<_>>()?;
    ensure!(invoice["taxes"] == json!(expected), "{expected:?}: {invoice}");
    let tax: i64 = taxes.iter().map(|(.., tax)| tax).sum();
    let sums = [&invoice["netAmount"], &invoice["taxAmount"], &invoice["amount"]].map(Value::as_i64);
    ensure!(sums == [Some(total - tax), Some(tax), Some(total)], "{invoice}");
    Ok(())
}

/// Page and PDF name the taxes, and no electronic invoice does.
async fn has_documents(waybill: &Waybill, path: &str, in_page: &[&str]) -> Result<()> {
    let page = waybill.gateway.get_as(path, "text/html", "en").await?.text();
    ensure_contains(&page, in_page)?;
    ensure!(!page.contains("VAT"), "{page}");
    let pdf = waybill.gateway.get_as(path, "application/pdf", "en").await?;
    pdf.expect(200)?;
    ensure!(pdf.text().starts_with("%PDF") && !pdf.text().contains("factur-x"), "a PDF with a CII inside");
    for parameters in ["", ";syntax=cii", ";profile=xrechnung", ";profile=peppol", ";profile=en16931"] {
        let answer = waybill.gateway.get_as(path, &format!("application/xml{parameters}"), "en").await?;
        answer.expect_problem(406)?;
        ensure!(answer.text().contains("EN 16931 knows VAT only"), "{}", answer.text());
    }
    waybill.gateway.get_as(path, "application/xml, text/html;q=0.5", "en").await?.expect(200)
}

async fn a_rate_beside_taxes_is_refused(waybill: &Waybill) -> Result<()> {
    let mut line = line(1, 10_000, &json!([tax("GST", 500)]));
    line["taxRateBasisPoints"] = json!(700);
    let order = json!({ "lines": [line] });
    let answer = waybill.gateway.post_json("/orders", order.to_string()).await?;
    answer.expect_problem(422)?;
    ensure!(answer.json()?["errors"][0]["field"] == "lines[0].taxRateBasisPoints", "{}", answer.text());
    Ok(())
}
