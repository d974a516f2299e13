//! How an order is paid, and what was paid before, is on all representations of its invoice.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use waybill_tests::ensure_contains;

use crate::TestEnv;

/// What an order says of its payment, what remains to be paid of 50.00, and parts of its invoice.
struct Case {
    said: Value,
    due: i64,
    in_xml: &'static [&'static str],
    in_page: &'static [&'static str],
    not_in_page: &'static [&'static str],
}

fn cases() -> [Case; 5] {
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

#[tokio::test]
async fn invoices_say_how_they_are_paid_and_what_was_paid_before() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
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

/// What was paid before is not credited a second time by a document, and nobody is asked to pay a credit note.
#[tokio::test]
async fn a_credit_note_says_nothing_of_the_payment() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let order = json!({
        "amount": 5000, "prepayments": [{ "amount": 2000 }], "payment": { "code": "10" },
        "cashDiscounts": [{ "days": 14, "rateBasisPoints": 250 }],
    });
    let invoice = waybill.invoiced(&order).await?;
    let id = invoice["orderId"].as_str().unwrap_or_default();
    let note = waybill.credited(id).await?;
    for name in ["prepayments", "payment", "cashDiscounts"] {
        ensure!(note[name].is_null(), "{note}");
    }
    let path = format!("/credit-notes/{}", note["id"].as_str().unwrap_or_default());
    let xml = waybill.gateway.get_as(&path, "application/xml", "en").await?.text();
    ensure!(xml.contains(">50.00</cbc:PayableAmount>") && !xml.contains("PrepaidAmount"), "{xml}");
    Ok(())
}
