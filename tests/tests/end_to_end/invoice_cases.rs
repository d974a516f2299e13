//! Invoices that an accountant checked, by the right answers.

use anyhow::{Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use waybill_tests::ensure_contains;

use crate::TestEnv;

/// A line of pieces.
fn line(quantity: i64, unit_price: i64, rate: i32) -> Value {
    json!({
        "sku": "a", "description": "a", "quantity": quantity, "unitPrice": unit_price, "taxRateBasisPoints": rate,
    })
}

#[tokio::test]
async fn sums_are_rounded_half_up_on_the_sum_of_each_rate_in_any_currency() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = env.up().await?;
    for (currency, lines, (net, tax), status) in [
        ("EUR", vec![line(3, 33, 1900)], (99, 19), 200),
        ("EUR", vec![line(1, 1, 1900); 7], (7, 1), 200),
        ("EUR", vec![line(1, 50, 100), line(1, 10, 2550), line(1, 1, 5000)], (61, 5), 200),
        (
            "EUR",
            vec![
                line(3, 1000, 1900),
                line(1, 999, 700),
                line(1, 500, 0),
                line(2, 333, 500),
                line(1, 1010, 1000),
                line(1, 777, 2100),
                line(1, 333, 2550),
            ],
            (7285, 1022),
            200,
        ),
        (
            "EUR",
            vec![line(1_000_000_000, 7_569_075, 1900)],
            (7_569_075_000_000_000, 1_438_124_250_000_000),
            200,
        ),
        ("JPY", vec![line(3, 333, 1000), line(1, 1999, 800)], (2998, 260), 200),
        ("BHD", vec![line(3, 1234, 1000)], (3702, 370), 406),
        ("HUF", vec![line(3, 99_999, 2700)], (299_997, 80_999), 200),
        ("CHF", vec![line(1, 1234, 260), line(1, 9999, 810)], (11_233, 842), 200),
        // Codes that the standard's list does not have.
        ("STN", vec![line(1, 100_000, 0)], (100_000, 0), 406),
        ("XAD", vec![line(1, 100_000, 0)], (100_000, 0), 406),
    ] {
        let order = json!({ "currency": currency, "lines": lines });
        let invoice = waybill.invoiced(&order).await?;
        let sums = [&invoice["netAmount"], &invoice["taxAmount"], &invoice["amount"]].map(Value::as_i64);
        ensure!(sums == [Some(net), Some(tax), Some(net + tax)], "{order}: {invoice}");
        let path = format!("/invoices/{}", invoice["id"].as_str().unwrap_or_default());
        let xml = waybill.gateway.get_as(&path, "application/xml", "en").await?;
        ensure!(xml.status == status, "{order}: {} {}", xml.status, xml.text());
    }
    Ok(())
}

#[tokio::test]
async fn an_invoice_states_its_supply_and_refers_as_the_buyer_does() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = env.up().await?;
    let plain = waybill.invoiced(&json!({ "lines": [line(1, 10_000, 1900)] })).await?;
    let text = waybill.represented(&plain, "application/xml", "en").await?;
    let issued_on = plain["issueDate"].as_str().unwrap_or_default();
    let order = plain["orderId"].as_str().unwrap_or_default();
    ensure_contains(
        &text,
        [
            format!("<cbc:ActualDeliveryDate>{issued_on}<"),
            "<cbc:ID>NA</cbc:ID>".to_owned(),
            format!("<cbc:SalesOrderID>{order}<"),
            "schemeID=\"9930\">DE123456789<".to_owned(),
        ],
    )?;
    let routed = json!({
        "lines": [line(1, 10_000, 1900)], "buyerReference": "04011000-12345-34", "purchaseOrder": "PO-7",
        "delivery": { "startDate": "2026-11-01", "endDate": "2026-11-30" },
    });
    let text = waybill.represented(&waybill.invoiced(&routed).await?, "application/xml", "en").await?;
    ensure_contains(
        &text,
        [
            "<cbc:BuyerReference>04011000-12345-34<",
            "<cbc:ID>PO-7</cbc:ID>",
            "<cbc:StartDate>2026-11-01<",
            "<cbc:EndDate>2026-11-30<",
        ],
    )?;
    ensure!(!text.contains("ActualDeliveryDate"), "{text}");
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_billed_is_refused_by_its_field() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = env.up().await?;
    let blank = json!({ "lines": [{
        "sku": " ", "description": "\u{3000}", "quantity": 1, "unitPrice": 10_000, "taxRateBasisPoints": 1900,
    }] });
    let seller = |members: Value| {
        let mut seller = json!({
            "name": "Ink GmbH", "vatId": "DE136695976", "address": "Gasse 1", "city": "Köln", "zipCode": "50667",
            "country": "DE", "email": "rechnung@example.com", "paymentDays": 14,
        });
        for (name, member) in members.as_object().into_iter().flatten() {
            seller[name.as_str()] = member.clone();
        }
        seller
    };
    for (method, path, body, fields) in [
        (Method::POST, "/orders", blank, &["lines[0].sku", "lines[0].description"][..]),
        (Method::PUT, "/seller", seller(json!({ "country": "UK" })), &["country"]),
        (Method::PUT, "/seller", seller(json!({ "vatId": "XX123456789" })), &["vatId"]),
        (Method::PUT, "/seller", seller(json!({ "vatId": "DE136695977" })), &["vatId"]),
        (Method::PUT, "/seller", seller(json!({ "iban": "DE00000000000000000000" })), &["iban"]),
    ] {
        let answer = waybill
            .gateway
            .send(method, path, &[("content-type", "application/json")], body.to_string())
            .await?;
        answer.expect_problem(422)?;
        let problem = answer.json()?;
        let named: Vec<_> =
            problem["errors"].as_array().into_iter().flatten().map(|error| &error["field"]).collect();
        ensure!(named == fields, "{body}: {problem}");
    }
    Ok(())
}
