//! What is written is checked by the official rules, and its sums by a computation of their own (`tests/validators`).

mod countries;
mod made;

use std::collections::BTreeMap;
use std::str;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use waybill_contracts::{Account, Delivery, InvoiceDetails, Line, Payment, Prepayment, TaxCategory};
use waybill_document_tests::Made;
use waybill_documents::example::{bare_invoice, billed, credit_note, full_invoice, invoice, line};
use waybill_documents::pdf::{self, Attachment, Fonts};
use waybill_documents::{Document, Language, Profile, Refusal, cii, ubl};
use waybill_tests::{Finding, Validators};

/// Findings that are not faults of the document, each with its reason.
fn is_expected(document: &Document, profile: Profile, finding: &Finding) -> bool {
    let has_scheme = |scheme: &str| {
        [&document.seller.electronic_address, &document.customer.electronic_address]
            .into_iter()
            .flatten()
            .any(|address| address.scheme == scheme)
    };
    match finding.rule.as_str() {
        // The package's rules of Peppol are of March 2024. Since then its lists have the French scheme and these currencies.
        "PEPPOL-EN16931-CL008" => has_scheme("0225"),
        "PEPPOL-EN16931-CL007" => {
            let of_tax = document.bill.accounting_tax.as_ref().map(|tax| tax.currency.as_str());
            let is_later = |currency| ["MRU", "SLE", "UYW", "VED", "VES", "ZWG"].contains(&currency);
            is_later(document.currency.as_str()) || of_tax.is_some_and(is_later)
        }
        // Factur-X's rules for its profile EN 16931 know the identifier of that profile only. XRechnung's has the same terms.
        "FX-SCH-A-000556" => profile == Profile::XRechnung,
        // The rule sums up in binary floating point, which has no cents of such sums.
        "BR-CO-10" => document.bill.line_total.unsigned_abs() > 1 << 52,
        _ => false,
    }
}

/// Checks every form of a document that is not refused, and counts these forms.
fn check(
    validators: &mut Validators,
    document: &Document,
    order: Option<&Value>,
    written: &mut BTreeMap<(&str, &str), usize>,
) -> Result<()> {
    type Render = fn(&Document, Profile) -> Result<Vec<u8>, Refusal>;
    for (syntax, render) in [("ubl", ubl::render as Render), ("cii", cii::render)] {
        for profile in Profile::ALL {
            let Ok(xml) = render(document, profile) else { continue };
            let xml = str::from_utf8(&xml)?;
            let findings = validators.check(syntax, profile.name(), xml, order)?;
            let is_fault =
                |finding: &&Finding| finding.is_fatal() && !is_expected(document, profile, finding);
            let faults: Vec<_> = findings.iter().filter(is_fault).map(ToString::to_string).collect();
            ensure!(faults.is_empty(), "{syntax} by {profile}:\n{}\n{xml}", faults.join("\n"));
            *written.entry((syntax, profile.name())).or_default() += 1;
        }
    }
    Ok(())
}

#[test]
fn the_examples_are_valid() -> Result<()> {
    let Some(mut validators) = Validators::start()? else { return Ok(()) };
    let mut written = BTreeMap::new();
    let mut specimen = invoice();
    specimen.seller.is_specimen = true;
    let account = Account { iban: Some("DE02120300000000202051".into()), ..Account::default() };
    specimen.details.payment = Some(Payment { accounts: vec![account], ..Payment::default() });
    let mut after_deposits = full_invoice();
    let deposit = Prepayment {
        amount: 2000,
        tax_amount: Some(319),
        invoice_number: Some("A-7".into()),
        date: Some("2026-06-30".into()),
    };
    after_deposits.details.prepayments =
        vec![deposit.clone(), Prepayment { invoice_number: Some("A-8".into()), ..deposit }];
    let mut delivered_to_name = full_invoice();
    delivered_to_name.details.delivery = Some(Delivery {
        date: Some("2026-07-01".into()),
        name: Some("Northern warehouse".into()),
        ..Delivery::default()
    });
    let exempt = |code: &str| {
        let line = Line {
            tax_category: Some(TaxCategory::E),
            exemption_reason_code: Some(code.into()),
            ..line("a", "Course", 1, 10_000, 0)
        };
        Document { bill: billed(&[line], &InvoiceDetails::default()), ..invoice() }
    };
    let examples = vec![
        delivered_to_name,
        exempt("VATEX-FR-FRANCHISE"),
        exempt("VATEX-EU-132-1I"),
        invoice(),
        credit_note(),
        specimen,
        full_invoice(),
        Document { kind: credit_note().kind, ..full_invoice() },
        Document { kind: credit_note().kind, ..after_deposits },
        bare_invoice(5000, "EUR"),
        bare_invoice(5000, "KWD"),
        bare_invoice(5000, "JPY"),
        bare_invoice(50_000, "CLF"),
    ];
    for (at, document) in examples.iter().enumerate() {
        check(&mut validators, document, None, &mut written).with_context(|| format!("example {at}"))?;
    }
    let count = |syntax, profile| written.get(&(syntax, profile)).copied();
    assert_eq!(count("ubl", "en16931"), Some(examples.len()));
    assert_eq!(count("cii", "en16931"), Some(examples.len()));
    assert_eq!(count("ubl", "peppol"), Some(4), "those with addresses in the network");
    assert_eq!(count("cii", "peppol"), None);
    Ok(())
}

#[test]
fn a_pdf_has_the_same_invoice_inside() -> Result<()> {
    let Some(mut validators) = Validators::start()? else { return Ok(()) };
    let mut written = 0;
    for seed in 0..20 {
        let Made { order, document } = Made::of(seed);
        for (profile, of_pdf) in
            [(Profile::En16931, pdf::Profile::En16931), (Profile::XRechnung, pdf::Profile::XRechnung)]
        {
            let Ok(content) = cii::render_attachment(&document, profile) else { continue };
            let attachment = Attachment { content: &content, profile: of_pdf };
            let pdf = pdf::render_with_attachment(&document, Language::De, &attachment, Fonts::NONE)?;
            let findings =
                validators.check("pdf", profile.name(), &BASE64_STANDARD.encode(pdf), Some(&order))?;
            let is_fault =
                |finding: &&Finding| finding.is_fatal() && !is_expected(&document, profile, finding);
            let faults: Vec<_> = findings.iter().filter(is_fault).collect();
            ensure!(faults.is_empty(), "{profile}, the order of seed {seed}: {faults:?}");
            written += usize::from(profile == Profile::XRechnung);
        }
    }
    assert!(written >= 3, "only {written} by XRechnung");
    // Without an invoice inside, the container is no Factur-X.
    let plain = BASE64_STANDARD.encode(pdf::render(&invoice(), Language::De, Fonts::NONE)?);
    let findings = validators.check("pdf", "en16931", &plain, None)?;
    assert!(findings.iter().any(Finding::is_fatal), "{findings:?}");
    Ok(())
}

#[test]
fn every_currency_is_valid_or_refused() -> Result<()> {
    let Some(mut validators) = Validators::start()? else { return Ok(()) };
    let mut written = BTreeMap::new();
    let mut refused = Vec::new();
    for currency in waybill_contracts::currencies() {
        // In units that all of them have.
        let document = Document {
            currency: currency.clone(),
            bill: bare_invoice(120_000, &currency).bill,
            ..full_invoice()
        };
        if ubl::render(&document, Profile::En16931).is_err() {
            refused.push(currency.clone());
        }
        check(&mut validators, &document, None, &mut written).with_context(|| currency)?;
    }
    assert_eq!(refused, ["STN", "XAD"]);
    Ok(())
}

#[test]
fn the_validators_find_faults() -> Result<()> {
    let Some(mut validators) = Validators::start()? else { return Ok(()) };
    let rules = |findings: Vec<Finding>| -> Vec<String> {
        findings.into_iter().filter(Finding::is_fatal).map(|finding| finding.rule).collect()
    };
    let order = json!({ "lines": [
        { "quantity": 3, "unitPrice": 1000, "taxRateBasisPoints": 1900 },
        { "quantity": 1, "unitPrice": 999, "taxRateBasisPoints": 700 },
    ]});
    let document = full_invoice();
    for (syntax, profile, from, to, rule) in [
        ("ubl", Profile::En16931, "<cbc:ID>S</cbc:ID>", "<cbc:ID>Z</cbc:ID>", "BR-Z-05"),
        ("ubl", Profile::En16931, "cbc:IssueDate", "cbc:IssuedOn", "SCHEMAV_ELEMENT_CONTENT"),
        ("ubl", Profile::XRechnung, "<cbc:Telephone>+49 30 23125000</cbc:Telephone>", "", "BR-DE-6"),
        ("ubl", Profile::Peppol, "schemeID=\"9930\"", "schemeID=\"EM\"", "PEPPOL-EN16931-CL008"),
        ("ubl", Profile::En16931, ">46.39<", ">46.40<", "sums"),
        ("cii", Profile::En16931, ">46.39<", ">46.40<", "sums"),
        ("cii", Profile::En16931, "<ram:CategoryCode>S<", "<ram:CategoryCode>Z<", "BR-Z-05"),
        ("cii", Profile::En16931, "<ram:TypeCode>380", "<ram:TypeCode>999", "FX-SCH-A-000555"),
    ] {
        let render = if syntax == "ubl" { ubl::render } else { cii::render };
        let xml = String::from_utf8(render(&document, profile)?)?;
        let before = rules(validators.check(syntax, profile.name(), &xml, Some(&order))?);
        assert!(before.is_empty(), "{before:?}");
        assert!(xml.contains(from), "{from} is not in {xml}");
        let found = rules(validators.check(syntax, profile.name(), &xml.replace(from, to), Some(&order))?);
        assert!(found.iter().any(|found| found == rule), "{rule} is not in {found:?}");
    }
    Ok(())
}
