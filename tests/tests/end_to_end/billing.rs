//! What a business sells can be ordered, and all representations of its invoice say the same.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use waybill_tests::{Waybill, ensure_contains};

use crate::{TestEnv, on_both_databases};

on_both_databases!(every_kind_of_line_is_billed_as_it_was_ordered);

/// Places an order that is taken, and returns it with its invoice.
async fn ordered(waybill: &Waybill, order: &Value) -> Result<(Value, Value)> {
    let order = waybill.gateway.create("/orders", order.to_string()).await?;
    let id = order["id"].as_str().unwrap_or_default();
    let shown = waybill.gateway.get(&format!("/orders/{id}")).await?.json()?;
    ensure!(shown == order, "{shown} is not {order}");
    let listed = waybill.gateway.get("/orders?limit=1").await?.json()?;
    ensure!(listed["orders"][0] == order, "{listed} is not {order}");
    Ok((order.clone(), waybill.invoices.invoice_of(id).await?))
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

/// An order, its sums, and parts of its invoice.
struct Case {
    order: Value,
    net: i64,
    tax: i64,
    in_xml: &'static [&'static str],
    in_page: &'static [&'static str],
}

fn plain(quantity: i64, unit_price: i64, rate: i32) -> Value {
    line(&json!(quantity), &json!(unit_price), rate, &json!({}))
}

/// What is sold in parts, by prices with parts of a cent, and with tax.
fn quantities_and_prices() -> Vec<Case> {
    let none = json!({});
    let hour = line(&json!(1.5), &json!(8000), 1900, &json!({ "unitCode": "HUR" }));
    let cheese = line(&json!(0.25), &json!(1999), 700, &json!({ "unitCode": "KGM" }));
    let power = line(&json!(3500), &json!(28.75), 1900, &json!({ "unitCode": "KWH" }));
    vec![
        Case {
            order: order(&[hour], &none),
            net: 12_000,
            tax: 2280,
            in_xml: &[r#"unitCode="HUR">1.5<"#, "<cbc:ID>S</cbc:ID>", ">142.80</cbc:PayableAmount>"],
            in_page: &["<td>1,5\u{a0}h</td>", "142,80"],
        },
        Case {
            order: order(&[cheese], &none),
            net: 500,
            tax: 35,
            in_xml: &[r#"unitCode="KGM">0.25<"#],
            in_page: &["0,25\u{a0}kg", "5,35"],
        },
        Case {
            order: order(&[power], &none),
            net: 100_625,
            tax: 19_119,
            in_xml: &[">0.2875</cbc:PriceAmount>"],
            in_page: &["0,2875"],
        },
        Case {
            order: order(&[plain(1, 999, 1900)], &json!({ "pricesIncludeTax": true })),
            net: 839,
            tax: 160,
            in_xml: &[">8.39</cbc:PriceAmount>", ">9.99</cbc:PayableAmount>"],
            in_page: &["9,99\u{a0}€", "9,99 inkl. USt."],
        },
    ]
}

/// Returns, discounts and charges.
fn corrections() -> Vec<Case> {
    let members = json!({
        "allowances": [{ "amount": 500, "reason": "Treuerabatt" }], "note": "Auf Abruf", "buyerItemId": "77",
    });
    let discounted = line(&json!(2), &json!(5000), 1900, &members);
    let shipped = json!({
        "allowances": [{ "amount": 1000, "reason": "Rabatt", "taxRateBasisPoints": 1900 }],
        "charges": [{ "amount": 490, "reason": "Versand", "taxRateBasisPoints": 1900 }],
    });
    vec![
        Case {
            order: order(&[plain(1, 10_000, 1900), plain(-1, 1000, 1900)], &json!({})),
            net: 9000,
            tax: 1710,
            in_xml: &[
                r#"unitCode="H87">-1<"#,
                ">-10.00</cbc:LineExtensionAmount>",
                ">107.10</cbc:PayableAmount>",
            ],
            in_page: &["<td>-1</td>", "107,10"],
        },
        Case {
            order: order(&[discounted], &shipped),
            net: 8990,
            tax: 1708,
            in_xml: &[
                "<cbc:AllowanceChargeReason>Treuerabatt<",
                ">10.00</cbc:AllowanceTotalAmount>",
                ">4.90</cbc:ChargeTotalAmount>",
                "<cbc:Note>Auf Abruf</cbc:Note>",
            ],
            in_page: &[
                "Treuerabatt -5,00\u{a0}€",
                "Rabatt (19\u{a0}%)</th><td>-10,00\u{a0}€",
                "Versand",
                "Auf Abruf",
            ],
        },
    ]
}

/// No tax, tax in another currency, and an amount without lines.
fn taxes() -> Vec<Case> {
    let none = json!({});
    let export = line(&json!(1), &json!(10_000), 0, &json!({ "taxCategory": "G" }));
    let exempt = json!({ "taxCategory": "E", "exemptionReason": "Steuerfrei nach § 4 Nr. 21 UStG" });
    let course = line(&json!(1), &json!(10_000), 0, &exempt);
    let abroad = json!({
        "currency": "USD", "taxCurrency": { "currency": "EUR", "rate": 0.92, "source": "EZB, 27.11.2026" },
    });
    vec![
        Case {
            order: order(&[export], &json!({ "delivery": { "country": "US" } })),
            net: 10_000,
            tax: 0,
            in_xml: &["<cbc:ID>G</cbc:ID>", "VATEX-EU-G", ">US</cbc:IdentificationCode>"],
            in_page: &["Steuerfreie Ausfuhrlieferung"],
        },
        Case {
            order: order(&[course], &none),
            net: 10_000,
            tax: 0,
            in_xml: &["<cbc:ID>E</cbc:ID>", "§ 4 Nr. 21 UStG"],
            in_page: &["§ 4 Nr. 21 UStG"],
        },
        Case {
            order: order(&[plain(1, 10_000, 1900)], &abroad),
            net: 10_000,
            tax: 1900,
            in_xml: &["<cbc:TaxCurrencyCode>EUR<", r#"currencyID="EUR">17.48<"#],
            in_page: &["17,48\u{a0}€", "EZB, 27.11.2026"],
        },
        Case {
            order: json!({ "amount": 5000, "dueDate": "2030-01-31", "purchaseOrder": "PO-1" }),
            net: 5000,
            tax: 0,
            in_xml: &["No VAT is stated", "<cbc:DueDate>2030-01-31<"],
            in_page: &["Keine Umsatzsteuer ausgewiesen", "PO-1"],
        },
    ]
}

async fn every_kind_of_line_is_billed_as_it_was_ordered(env: &TestEnv) -> Result<()> {
    let waybill = env.up().await?;
    let mut last = String::new();
    let cases = quantities_and_prices().into_iter().chain(corrections()).chain(taxes());
    for Case { order, net, tax, in_xml, in_page } in cases {
        let (order_placed, invoice) = ordered(&waybill, &order).await?;
        let sums = [&invoice["netAmount"], &invoice["taxAmount"], &invoice["amount"]].map(Value::as_i64);
        ensure!(sums == [Some(net), Some(tax), Some(net + tax)], "{order}: {invoice}");
        ensure!(order_placed["amount"] == net + tax, "{order_placed}");
        ensure!(invoice["lines"] == order_placed["lines"], "{invoice}");
        let xml = waybill.represented(&invoice, "application/xml", "de").await?;
        let page = waybill.represented(&invoice, "text/html", "de").await?;
        for (text, expected) in [(&xml, in_xml), (&page, in_page)] {
            ensure_contains(text, expected)?;
        }
        ensure!(waybill.represented(&invoice, "application/pdf", "de").await?.starts_with("%PDF"));
        order_placed["id"].as_str().unwrap_or_default().clone_into(&mut last);
    }
    reverse_charge_needs_a_vat_identifier(&waybill).await?;
    tax_in_another_currency_has_its_digits(&waybill).await?;
    // A credit note takes back what was billed.
    let note = waybill.credited(&last).await?;
    ensure!(
        note["netAmount"] == 5000 && note["purchaseOrder"] == "PO-1" && note["dueDate"].is_null(),
        "{note}"
    );
    Ok(())
}

/// 10.00 USD of tax are 3.765 BHD, and a tax in dong has a rate of eight decimals.
async fn tax_in_another_currency_has_its_digits(waybill: &Waybill) -> Result<()> {
    let in_dinars = json!({
        "currency": "USD", "taxCurrency": { "currency": "BHD", "rate": 0.3765, "source": "CBB" },
    });
    let (_, invoice) = ordered(waybill, &order(&[plain(1, 10_000, 1000)], &in_dinars)).await?;
    ensure!(invoice["accountingTaxAmount"] == 3765, "{invoice}");
    ensure!(waybill.represented(&invoice, "text/html", "de").await?.contains("3,765\u{a0}BHD"));
    let path = format!("/invoices/{}", invoice["id"].as_str().unwrap_or_default());
    let refused = waybill.gateway.get_as(&path, "application/xml", "de").await?;
    refused.expect_problem(406)?;
    ensure!(refused.text().contains("an amount in BHD"), "{}", refused.text());

    let in_euros = json!({
        "currency": "VND", "taxCurrency": { "currency": "EUR", "rate": 0.000_035_71, "source": "ECB" },
    });
    let (_, invoice) = ordered(waybill, &order(&[plain(1, 100_000_000, 1000)], &in_euros)).await?;
    ensure!(invoice["accountingTaxAmount"] == 35_710, "{invoice}");
    ensure!(waybill.represented(&invoice, "text/html", "de").await?.contains("(0,00003571; ECB)"));
    let xml = waybill.represented(&invoice, "application/xml", "de").await?;
    ensure_contains(&xml, [r#"currencyID="EUR">357.10<"#])
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
    let known = waybill.gateway.create("/customers", customer.to_string()).await?;
    for (category, code, words) in [
        ("AE", "VATEX-EU-AE", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("K", "VATEX-EU-IC", "Steuerfreie innergemeinschaftliche Lieferung"),
    ] {
        let (_, invoice) = ordered(waybill, &consulting(category, &known)).await?;
        ensure!(invoice["taxes"][0]["exemptionReasonCode"] == code, "{invoice}");
        let xml = waybill.represented(&invoice, "application/xml", "de").await?;
        ensure_contains(&xml, [code, "FR40303265045", "<cbc:TaxExemptionReason>"])?;
        ensure!(waybill.represented(&invoice, "text/html", "de").await?.contains(words));
    }
    Ok(())
}
