//! What a client receives as an electronic invoice is valid by the official rules, and all representations have the same sums.

use anyhow::{Context as _, Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use waybill_document_tests::order_between;
use waybill_tests::{Finding, Http, Validators};

use crate::TestEnv;

/// The orders, by the seeds that they are made up of.
const SEEDS: std::ops::Range<u64> = 0..12;

#[tokio::test]
async fn invoices_and_credit_notes_are_valid() -> Result<()> {
    let Some(mut validators) = Validators::start()? else { return Ok(()) };
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let seller = json!({
        "name": "Ink & Paper GmbH", "vatId": "DE136695976", "address": "Gasse 1", "city": "Köln", "zipCode": "50667",
        "country": "DE", "email": "rechnung@example.com", "contact": "Buchhaltung", "phone": "+49 221 1234567",
        "paymentDays": 14, "iban": "DE02120300000000202051", "bic": "BYLADEM1001",
    });
    waybill.gateway.put_json("/seller", seller.to_string()).await?.expect(200)?;
    let customer = json!({
        "name": "Käufer & Söhne", "email": "einkauf@example.com", "address": "Weg 2", "state": "Hamburg", "zipCode": "20095",
        "country": "DE", "vatId": "DE811907980",
    });
    let buyer = serde_json::from_value(customer.clone())?;
    let customer = waybill.gateway.post_json("/customers", customer.to_string()).await?.json()?;
    let seller = serde_json::from_value(seller)?;
    let mut written = 0;
    for seed in SEEDS {
        let mut order = order_between(seed, &seller, &buyer);
        order["customerId"] = customer["id"].clone();
        let path = path_of("invoices", &waybill.invoiced(&order).await?)?;
        check(&mut validators, &waybill.gateway, &path, &order, &mut written)
            .await
            .with_context(|| format!("{order}"))?;
    }

    // Taxes by their own names are in none of them; their sums are checked as JSON.
    let taxes =
        json!([{ "name": "GST", "rateBasisPoints": 500 }, { "name": "QST", "rateBasisPoints": 997.5 }]);
    for prices_include_tax in [false, true] {
        let line =
            json!({ "sku": "a", "description": "A", "quantity": 3, "unitPrice": 3333, "taxes": taxes });
        let book =
            json!({ "sku": "b", "description": "B", "quantity": 1, "unitPrice": 1999, "taxes": [taxes[0]] });
        let order = json!({
            "customerId": customer["id"], "pricesIncludeTax": prices_include_tax, "lines": [line, book],
            "allowances": [{ "amount": 101, "reason": "Discount", "taxes": taxes }],
        });
        let path = path_of("invoices", &waybill.invoiced(&order).await?)?;
        check(&mut validators, &waybill.gateway, &path, &order, &mut written).await?;
    }

    let order = json!({ "customerId": customer["id"], "amount": 5000 });
    let invoice = waybill.invoiced(&order).await?;
    let id = invoice["orderId"].as_str().context("an invoice without an order")?;
    waybill.gateway.send(Method::POST, &format!("/orders/{id}/cancel"), &[], "").await?.expect(200)?;
    let note = waybill_tests::eventually("a credit note", std::time::Duration::from_secs(30), async || {
        let invoice = waybill.invoices.invoice_of(id).await?;
        Ok(Some(invoice["creditNote"].clone()).filter(|note| !note.is_null()))
    })
    .await?;
    let path = path_of("credit-notes", &note)?;
    check(&mut validators, &waybill.gateway, &path, &order, &mut written).await?;
    ensure!(written >= 30, "only {written} documents were written");
    Ok(())
}

/// Checks every representation that has sums.
async fn check(
    validators: &mut Validators,
    gateway: &Http,
    path: &str,
    order: &Value,
    written: &mut usize,
) -> Result<()> {
    let json = gateway.get(path).await?.text();
    let mut faults = validators.check("json", "", &json, Some(order))?;
    for (accept, syntax, profile) in [
        // Both have a VAT identifier, by which Peppol's network addresses them.
        ("application/xml", "ubl", "peppol"),
        ("application/xml;profile=en16931", "ubl", "en16931"),
        ("application/xml;profile=xrechnung", "ubl", "xrechnung"),
        ("application/xml;syntax=cii", "cii", "en16931"),
    ] {
        let answer = gateway.send(Method::GET, path, &[("accept", accept)], "").await?;
        if answer.status == 406 {
            // An amount of three digits, or the rule that the document does not satisfy.
            let is_explained =
                ["two digits", "BR-", "R120", "VAT only"].iter().any(|text| answer.text().contains(text));
            ensure!(is_explained, "{accept}: {}", answer.text());
            continue;
        }
        answer.expect(200)?;
        let text = answer.text();
        let is_peppol_s = text.contains("poacc:billing:3.0</cbc:CustomizationID>");
        let profile = if profile == "peppol" && !is_peppol_s { "en16931" } else { profile };
        faults.extend(validators.check(syntax, profile, &text, Some(order))?);
        *written += 1;
    }
    let faults: Vec<_> = faults.iter().filter(|finding| finding.is_fatal()).map(Finding::to_string).collect();
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

fn path_of(list: &str, value: &Value) -> Result<String> {
    Ok(format!("/{list}/{}", value["id"].as_str().context("something without an id")?))
}
