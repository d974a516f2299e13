//! What a business sells can be ordered, and all representations of its invoice say the same.

use anyhow::{Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use waybill_tests::{Http, Waybill};

use crate::{TestEnv, on_both_databases};

on_both_databases!(every_kind_of_line_is_billed_as_it_was_ordered);

/// Places an order that is taken, and returns it with its invoice.
async fn ordered(waybill: &Waybill, order: &Value) -> Result<(Value, Value)> {
    let answer = waybill.gateway.post_json("/orders", order.to_string()).await?;
    answer.expect(201)?;
    let order = answer.json()?;
    let id = order["id"].as_str().unwrap_or_default();
    let shown = waybill.gateway.get(&format!("/orders/{id}")).await?.json()?;
    ensure!(shown == order, "{shown} is not {order}");
    let listed = waybill.gateway.get("/orders?limit=1").await?.json()?;
    ensure!(listed["orders"][0] == order, "{listed} is not {order}");
    Ok((order.clone(), waybill.invoices.invoice_of(id).await?))
}

async fn represented(gateway: &Http, path: &str, accept: &str) -> Result<String> {
    let headers = [("accept", accept), ("accept-language", "de")];
    let answer = gateway.send(Method::GET, path, &headers, "").await?;
    answer.expect(200)?;
    Ok(answer.text())
}

/// A line with further members.
fn line(quantity: &Value, unit_price: &Value, rate: i32, members: &Value) -> Value {
    let mut line = json!({
        "sku": "a", "description": "Ware", "quantity": quantity, "unitPrice": unit_price, "taxRateBasisPoints": rate,
    });
    extend(&mut line, members);
    line
}

fn extend(value: &mut Value, members: &Value) {
    for (name, member) in members.as_object().into_iter().flatten() {
        value[name.as_str()] = member.clone();
    }
}

/// An order of lines with further members.
fn order(lines: &[Value], members: &Value) -> Value {
    let mut order = json!({ "lines": lines });
    extend(&mut order, members);
    order
}

async fn every_kind_of_line_is_billed_as_it_was_ordered(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    let none = json!({});
    let plain = |quantity: Value, price: Value, rate| line(&quantity, &price, rate, &json!({}));
    let hour = line(&json!(1.5), &json!(8000), 1900, &json!({ "unitCode": "HUR" }));
    let cheese = line(&json!(0.25), &json!(1999), 700, &json!({ "unitCode": "KGM" }));
    let power = line(&json!(3500), &json!(28.75), 1900, &json!({ "unitCode": "KWH" }));
    let discounted = line(
        &json!(2),
        &json!(5000),
        1900,
        &json!({
            "allowances": [{ "amount": 500, "reason": "Treuerabatt" }], "note": "Auf Abruf", "buyerItemId": "77",
        }),
    );
    let export = line(&json!(1), &json!(10_000), 0, &json!({ "taxCategory": "G" }));
    let course = json!({ "taxCategory": "E", "exemptionReason": "Steuerfrei nach § 4 Nr. 21 UStG" });
    let course = line(&json!(1), &json!(10_000), 0, &course);
    let gross = json!({ "pricesIncludeTax": true });
    let shipped = json!({
        "allowances": [{ "amount": 1000, "reason": "Rabatt", "taxRateBasisPoints": 1900 }],
        "charges": [{ "amount": 490, "reason": "Versand", "taxRateBasisPoints": 1900 }],
    });
    let abroad = json!({
        "currency": "USD", "taxCurrency": { "currency": "EUR", "rate": 0.92, "source": "EZB, 27.11.2026" },
    });
    let cases: [(Value, (i64, i64), &[&str], &[&str]); 10] = [
        (
            order(&[hour], &none),
            (12_000, 2280),
            &[r#"unitCode="HUR">1.5<"#, "<cbc:ID>S</cbc:ID>", r#">142.80</cbc:PayableAmount>"#],
            &["<td>1,5\u{a0}h</td>", "142,80"],
        ),
        (order(&[cheese], &none), (500, 35), &[r#"unitCode="KGM">0.25<"#], &["0,25\u{a0}kg", "5,35"]),
        (order(&[power], &none), (100_625, 19_119), &[">0.2875</cbc:PriceAmount>"], &["0,2875"]),
        (
            order(&[plain(json!(1), json!(999), 1900)], &gross),
            (839, 160),
            &[">8.39</cbc:PriceAmount>", ">9.99</cbc:PayableAmount>"],
            &["9,99"],
        ),
        (
            order(&[plain(json!(1), json!(10_000), 1900), plain(json!(-1), json!(1000), 1900)], &none),
            (9000, 1710),
            &[r#"unitCode="H87">-1<"#, ">-10.00</cbc:LineExtensionAmount>", ">107.10</cbc:PayableAmount>"],
            &["<td>-1</td>", "107,10"],
        ),
        (
            order(&[discounted], &shipped),
            (8990, 1708),
            &[
                "<cbc:AllowanceChargeReason>Treuerabatt<",
                ">10.00</cbc:AllowanceTotalAmount>",
                ">4.90</cbc:ChargeTotalAmount>",
                "<cbc:Note>Auf Abruf</cbc:Note>",
            ],
            &["Treuerabatt -5,00\u{a0}€", "Rabatt</th><td>-10,00\u{a0}€", "Versand", "Auf Abruf"],
        ),
        (
            order(&[export], &none),
            (10_000, 0),
            &["<cbc:ID>G</cbc:ID>", "VATEX-EU-G"],
            &["Steuerfreie Ausfuhrlieferung"],
        ),
        (
            order(&[course], &none),
            (10_000, 0),
            &["<cbc:ID>E</cbc:ID>", "§ 4 Nr. 21 UStG"],
            &["§ 4 Nr. 21 UStG"],
        ),
        (
            order(&[plain(json!(1), json!(10_000), 1900)], &abroad),
            (10_000, 1900),
            &["<cbc:TaxCurrencyCode>EUR<", r#"currencyID="EUR">17.48<"#],
            &["17,48\u{a0}€", "EZB, 27.11.2026"],
        ),
        (
            json!({ "amount": 5000, "dueDate": "2030-01-31", "purchaseOrder": "PO-1" }),
            (5000, 0),
            &["No VAT is stated", "<cbc:DueDate>2030-01-31<"],
            &["Keine Umsatzsteuer ausgewiesen", "PO-1"],
        ),
    ];
    let mut last = String::new();
    for (order, (net, tax), in_xml, in_page) in cases {
        let (placed, invoice) = ordered(&waybill, &order).await?;
        let sums = [&invoice["netAmount"], &invoice["taxAmount"], &invoice["amount"]].map(Value::as_i64);
        ensure!(sums == [Some(net), Some(tax), Some(net + tax)], "{order}: {invoice}");
        ensure!(placed["amount"] == net + tax, "{placed}");
        ensure!(invoice["lines"] == placed["lines"], "{invoice}");
        let path = format!("/invoices/{}", invoice["id"].as_str().unwrap_or_default());
        let xml = represented(&waybill.gateway, &path, "application/xml").await?;
        let page = represented(&waybill.gateway, &path, "text/html").await?;
        for (text, expected) in [(&xml, in_xml), (&page, in_page)] {
            for part in expected {
                ensure!(text.contains(part), "{part} is not in {text}");
            }
        }
        ensure!(represented(&waybill.gateway, &path, "application/pdf").await?.starts_with("%PDF"));
        placed["id"].as_str().unwrap_or_default().clone_into(&mut last);
    }
    reverse_charge_needs_a_vat_identifier(&waybill).await?;
    // A credit note takes back what was billed.
    waybill.gateway.post_json(&format!("/orders/{last}/cancel"), "").await?.expect(200)?;
    let note = waybill_tests::eventually("the credit note", std::time::Duration::from_secs(20), async || {
        Ok(waybill.gateway.get("/credit-notes").await?.json()?["creditNotes"].get(0).cloned())
    })
    .await?;
    ensure!(
        note["netAmount"] == 5000 && note["purchaseOrder"] == "PO-1" && note["dueDate"].is_null(),
        "{note}"
    );
    Ok(())
}

async fn reverse_charge_needs_a_vat_identifier(waybill: &Waybill) -> Result<()> {
    let mut customer = json!({
        "name": "Exemple SARL", "email": "compta@example.com", "address": "1 rue de Rivoli", "city": "Paris", "zipCode": "75001",
        "country": "FR",
    });
    let consulting = |category: &str, customer: &Value| {
        let line = line(&json!(1), &json!(10_000), 0, &json!({ "taxCategory": category }));
        order(&[line], &json!({ "customerId": customer["id"], "delivery": { "date": "2026-11-27" } }))
    };
    let unknown = waybill.gateway.post_json("/customers", customer.to_string()).await?.json()?;
    for category in ["AE", "K"] {
        let refused =
            waybill.gateway.post_json("/orders", consulting(category, &unknown).to_string()).await?;
        refused.expect_problem(422)?;
        ensure!(refused.json()?["errors"][0]["field"] == "lines[0].taxCategory", "{}", refused.text());
    }
    customer["email"] = "tva@example.com".into();
    customer["vatId"] = "FR40303265045".into();
    let known = waybill.gateway.post_json("/customers", customer.to_string()).await?;
    known.expect(201)?;
    for (category, code, words) in [
        ("AE", "VATEX-EU-AE", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("K", "VATEX-EU-IC", "Steuerfreie innergemeinschaftliche Lieferung"),
    ] {
        let (_, invoice) = ordered(waybill, &consulting(category, &known.json()?)).await?;
        ensure!(invoice["taxes"][0]["exemptionReasonCode"] == code, "{invoice}");
        let path = format!("/invoices/{}", invoice["id"].as_str().unwrap_or_default());
        let xml = represented(&waybill.gateway, &path, "application/xml").await?;
        for part in [code, "FR40303265045", "<cbc:TaxExemptionReason>"] {
            ensure!(xml.contains(part), "{part} is not in {xml}");
        }
        ensure!(represented(&waybill.gateway, &path, "text/html").await?.contains(words));
    }
    Ok(())
}
