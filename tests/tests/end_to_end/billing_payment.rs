//! How an order is paid, and what was paid before, is on all representations of its invoice.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use waybill_tests::{Finding, Validators, Waybill, ensure_contains};

use crate::TestEnv;

/// What an order says of its payment, what remains to be paid of 50.00, and parts of its invoice.
struct Case {
    said: Value,
    due: i64,
    in_xml: &'static [&'static str],
    in_page: &'static [&'static str],
    not_in_page: &'static [&'static str],
}

fn cases() -> [Case; 6] {
    [
        Case {
            said: json!({
                "prepayments": [{ "amount": 2000, "taxAmount": 319, "invoiceNumber": "A-7", "date": "2026-03-02" }, { "amount": 500 }],
            }),
            due: 2500,
            in_xml: &[
                ">50.00</cbc:TaxInclusiveAmount>",
                ">25.00</cbc:PrepaidAmount>",
                ">25.00</cbc:PayableAmount>",
                "<cbc:ID>A-7</cbc:ID>",
                "<cbc:IssueDate>2026-03-02<",
            ],
            in_page: &[
                "Anzahlung, Rechnung A-7 vom 2.\u{a0}März 2026 (USt. 3,19\u{a0}€)",
                "-20,00\u{a0}€",
                "Zahlbetrag</th><td>25,00\u{a0}€",
                "Bitte zahlen Sie 25,00\u{a0}€",
            ],
            not_in_page: &["Bitte zahlen Sie 50,00"],
        },
        Case {
            said: json!({ "prepayments": [{ "amount": 5000 }] }),
            due: 0,
            in_xml: &[">0.00</cbc:PayableAmount>"],
            in_page: &["Alles ist bezahlt"],
            not_in_page: &["Bitte zahlen Sie", "IBAN"],
        },
        Case {
            said: json!({
                "payment": { "directDebit": {
                    "mandateReference": "M-1", "creditorId": "DE98ZZZ09999999999", "iban": "DE02120300000000202051",
                } },
                "dueDate": "2099-01-31",
            }),
            due: 5000,
            in_xml: &[
                ">59</cbc:PaymentMeansCode>",
                r#"schemeID="SEPA">DE98ZZZ09999999999<"#,
                "<cbc:ID>M-1</cbc:ID>",
            ],
            in_page: &["am 31.\u{a0}Januar 2099 per Lastschrift vom Konto mit der Endung 2051 ein", "M-1"],
            not_in_page: &["Bitte zahlen Sie", "DE02120300000000202051"],
        },
        Case {
            said: json!({ "payment": { "accounts": [
                { "iban": "DE02120300000000202051", "name": "Haupt" }, { "iban": "NL91ABNA0417164300", "bic": "ABNANL2A" },
            ] } }),
            due: 5000,
            in_xml: &["<cbc:ID>DE02120300000000202051</cbc:ID>", "<cbc:Name>Haupt<", "<cbc:ID>ABNANL2A<"],
            in_page: &["IBAN NL91\u{a0}ABNA\u{a0}0417\u{a0}1643\u{a0}00 · BIC ABNANL2A", "Haupt"],
            not_in_page: &[],
        },
        Case {
            said: json!({ "payment": { "accounts": [{
                "accountNumber": "123456789", "routingNumber": "021000021", "bankName": "Bank of Examples",
            }] } }),
            due: 5000,
            in_xml: &[
                ">30</cbc:PaymentMeansCode>",
                "<cbc:ID>123456789</cbc:ID>",
                "<cbc:ID>021000021</cbc:ID>",
            ],
            in_page: &["Kontonummer 123456789 · ", " 021000021 · Bank of Examples · "],
            not_in_page: &["IBAN"],
        },
        Case {
            said: json!({
                "payment": { "card": { "lastDigits": "4242" } },
                "cashDiscounts": [{ "days": 14, "rateBasisPoints": 250 }, { "days": 30, "rateBasisPoints": 100 }],
                "paymentTerms": "sonst netto",
            }),
            due: 5000,
            in_xml: &[
                "<cbc:PrimaryAccountNumberID>4242<",
                "#SKONTO#TAGE=14#PROZENT=2.50#\n#SKONTO#TAGE=30#PROZENT=1.00#\nsonst netto\n",
            ],
            in_page: &[
                "2,5\u{a0}% Skonto bei Zahlung innerhalb von 14 Tagen",
                "Karte mit der Endung 4242",
                "sonst netto",
            ],
            not_in_page: &["Bitte zahlen Sie", "SKONTO#"],
        },
    ]
}

/// A seller, without whom documents are specimens and nothing is paid by them.
async fn set_seller(waybill: &Waybill) -> Result<()> {
    let seller = json!({
        "name": "Ink & Paper GmbH", "vatId": "DE136695976", "address": "Gasse 1", "city": "Köln", "zipCode": "50667",
        "country": "DE", "email": "rechnung@example.com", "paymentDays": 14, "iban": "DE89370400440532013000",
        "amountTaxRateBasisPoints": 1900,
    });
    waybill.gateway.put_json("/seller", seller.to_string()).await?.expect(200)?;
    Ok(())
}

#[tokio::test]
async fn invoices_say_how_they_are_paid_and_what_was_paid_before() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    set_seller(&waybill).await?;
    for Case { said, due, in_xml, in_page, not_in_page } in cases() {
        let mut order = said.clone();
        order["amount"] = 5000.into();
        let invoice = waybill.invoiced(&order).await?;
        ensure!(invoice["amount"] == 5000 && invoice["amountDue"] == due, "{invoice}");
        for (name, value) in said.as_object().into_iter().flatten() {
            ensure!(invoice[name] == *value, "{name} of {invoice}");
        }
        let xml = waybill.represented(&invoice, "application/xml", "de").await?;
        let page = waybill.represented(&invoice, "text/html", "de").await?;
        for (text, expected) in [(&xml, in_xml), (&page, in_page)] {
            ensure_contains(text, expected)?;
        }
        for part in not_in_page {
            ensure!(!page.contains(part), "{part} is in {page}");
        }
        ensure!(waybill.represented(&invoice, "application/pdf", "de").await?.starts_with("%PDF"));
    }
    Ok(())
}

/// Until a seller is set, no document has an account number of anybody.
#[tokio::test]
async fn specimens_have_no_account_of_their_order() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    for payment in [
        json!({ "accounts": [{ "iban": "DE02120300000000202051", "bic": "BYLADEM1001" }] }),
        json!({ "directDebit": {
            "mandateReference": "M-1", "creditorId": "DE98ZZZ09999999999", "iban": "DE02120300000000202051",
        } }),
        json!({ "card": { "lastDigits": "2051" } }),
    ] {
        let invoice = waybill.invoiced(&json!({ "amount": 5000, "payment": payment })).await?;
        ensure!(invoice["seller"]["isSpecimen"] == true, "{invoice}");
        for accept in ["application/xml", "application/xml;syntax=cii", "text/html"] {
            let text = waybill.represented(&invoice, accept, "en").await?;
            ensure_contains(&text, ["Specimen"])?;
            for part in ["DE02", "BYLADEM1001", "DE98ZZZ09999999999", "M-1", ">2051<", "ending in 2051"] {
                ensure!(!text.contains(part), "{part} is in {text}");
            }
        }
        let xml = waybill.represented(&invoice, "application/xml", "en").await?;
        ensure_contains(&xml, [">1</cbc:PaymentMeansCode>"])?;
    }
    Ok(())
}

/// The invoice asks for what the deposits have left, and its credit note takes back no more. Deposits have invoices of their own.
#[tokio::test]
async fn a_credit_note_takes_back_what_the_invoice_asks_for() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    set_seller(&waybill).await?;
    let order = json!({
        "amount": 5000, "payment": { "code": "10" }, "cashDiscounts": [{ "days": 14, "rateBasisPoints": 250 }],
        "prepayments": [{ "amount": 2000, "taxAmount": 319, "invoiceNumber": "A-7" }],
    });
    let invoice = waybill.invoiced(&order).await?;
    let id = invoice["orderId"].as_str().unwrap_or_default();
    let note = waybill.credited(id).await?;
    for name in ["payment", "cashDiscounts"] {
        ensure!(note[name].is_null(), "{note}");
    }
    ensure!(note["prepayments"] == order["prepayments"], "{note}");
    let sums = ["amount", "prepaidAmount", "amountDue"].map(|name| note["bill"][name].as_i64());
    ensure!(sums == [Some(5000), Some(2000), Some(3000)], "{note}");
    let path = format!("/credit-notes/{}", note["id"].as_str().unwrap_or_default());
    let xml = waybill.gateway.get_as(&path, "application/xml", "en").await?.text();
    ensure_contains(
        &xml,
        [
            ">50.00</cbc:TaxInclusiveAmount>",
            ">20.00</cbc:PrepaidAmount>",
            ">30.00</cbc:PayableAmount>",
            "their invoices are corrected by themselves: A-7.",
        ],
    )?;
    ensure!(xml.matches("<cac:BillingReference>").count() == 1 && !xml.contains("<cbc:ID>A-7<"), "{xml}");
    let cii = waybill.gateway.get_as(&path, "application/xml;syntax=cii", "en").await?;
    ensure_contains(&cii.text(), [">30.00</ram:DuePayableAmount>"])?;
    let page = waybill.gateway.get_as(&path, "text/html", "de").await?.text();
    ensure_contains(
        &page,
        [
            "Anzahlung, Rechnung A-7",
            "Stornobetrag ohne Anzahlungen</th><td>30,00\u{a0}€",
            "deren Rechnungen werden gesondert berichtigt: A-7.",
        ],
    )?;
    if let Some(mut validators) = Validators::start()? {
        for (syntax, text) in [("ubl", &xml), ("cii", &cii.text()), ("json", &note.to_string())] {
            let findings = validators.check(syntax, "en16931", text, Some(&order))?;
            ensure!(!findings.iter().any(Finding::is_fatal), "{syntax}: {findings:?}");
        }
    }
    Ok(())
}

/// What is agreed with a customer holds for orders that say nothing of it.
#[tokio::test]
async fn terms_of_the_customer_are_on_invoices_of_orders_without_their_own() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    set_seller(&waybill).await?;
    let customer = json!({
        "name": "Käufer AG", "email": "einkauf@example.com", "address": "Weg 2", "city": "Hamburg", "zipCode": "20095",
        "country": "DE", "paymentTerms": "sonst netto", "cashDiscounts": [{ "days": 14, "rateBasisPoints": 250 }],
    });
    let customer = waybill.gateway.create("/customers", customer.to_string()).await?;
    let of_customer = "#SKONTO#TAGE=14#PROZENT=2.50#\nsonst netto\n";
    for (said, terms) in [
        (json!({}), of_customer),
        (json!({ "paymentTerms": "sofort" }), ">sofort<"),
        (
            json!({ "cashDiscounts": [{ "days": 7, "rateBasisPoints": 100 }] }),
            ">#SKONTO#TAGE=7#PROZENT=1.00#\n<",
        ),
    ] {
        let mut order = said.clone();
        (order["amount"], order["customerId"]) = (5000.into(), customer["id"].clone());
        let invoice = waybill.invoiced(&order).await?;
        for name in ["paymentTerms", "cashDiscounts"] {
            ensure!(invoice["customer"][name] == customer[name] && invoice[name] == said[name], "{invoice}");
        }
        for accept in ["application/xml;profile=en16931", "application/xml;syntax=cii"] {
            let xml = waybill.represented(&invoice, accept, "de").await?;
            ensure_contains(&xml, [terms])?;
            ensure!(terms == of_customer || !xml.contains("sonst netto"), "{xml}");
        }
    }
    let invoice = waybill.invoiced(&json!({ "amount": 5000, "customerId": customer["id"] })).await?;
    let page = waybill.represented(&invoice, "text/html", "de").await?;
    ensure_contains(&page, ["2,5\u{a0}% Skonto bei Zahlung innerhalb von 14 Tagen", "sonst netto"])?;
    let note = waybill.credited(invoice["orderId"].as_str().unwrap_or_default()).await?;
    let path = format!("/credit-notes/{}", note["id"].as_str().unwrap_or_default());
    let xml = waybill.gateway.get_as(&path, "application/xml", "de").await?.text();
    ensure!(!xml.contains("SKONTO") && !xml.contains("sonst netto"), "{xml}");

    let refused = json!({ "paymentTerms": "netto\n#SKONTO#TAGE=14#PROZENT=2.00#" });
    let path = format!("/customers/{}", customer["id"].as_str().unwrap_or_default());
    let answer = waybill.gateway.patch_json(&path, refused.to_string()).await?;
    answer.expect_problem(422)?;
    ensure_contains(&answer.text(), ["paymentTerms", "discounts are cashDiscounts"])
}
