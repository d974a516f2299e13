//! An issued document is made again, byte by byte, by every later version: a customer who asks for an invoice of last year gets what was
//! sent.
//!
//! A change that makes one of these fail changes documents that are out. Keep the old way for invoices from before, which have a smaller
//! edition (`waybill_documents::EDITION`), and write the new one from the next edition on. The documents of each edition stay here.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fmt::Write as _;

use hex::encode;
use sha2::{Digest as _, Sha256};
use waybill_contracts::{
    Account, Allowance, Card, CashDiscount, Delivery, DirectDebit, InvoiceDetails, Line, Payment, Prepayment,
    TaxCategory, TaxCurrency,
};
use waybill_documents::pdf::{Attachment, Fonts};
use waybill_documents::{Document, Language, Profile, cii, example, pdf, ubl};

/// The hash of each representation of the examples.
const KEPT: &str = include_str!("reproducible.sha256");

fn documents() -> Vec<(&'static str, Document)> {
    vec![
        ("invoice", example::invoice()),
        ("full-invoice", example::full_invoice()),
        ("credit-note", example::credit_note()),
        ("amount", example::bare_invoice(5000, "EUR")),
        ("reverse-charge", untaxed(TaxCategory::AE, Some("§ 13b UStG"))),
        ("within-the-union", untaxed(TaxCategory::K, None)),
        ("gross", gross()),
        ("terms", terms()),
        ("abroad", abroad()),
        ("taxes", example::canadian_invoice()),
        ("direct-debit", paid_by(direct_debit())),
        ("accounts", paid_by(accounts())),
        ("specimen", specimen(accounts())),
        ("specimen-direct-debit", specimen(direct_debit())),
        ("credit-note-after-deposits", Document { kind: example::credit_note().kind, ..paid_by(accounts()) }),
        ("buyer-by-vat-id", by_vat_id()),
        ("danish", danish()),
        ("icelandic", icelandic()),
        ("belgian", belgian()),
        ("exemptions", exemptions()),
        ("franchise", exempt_by("VATEX-FR-FRANCHISE")),
        ("exempt-by-article", exempt_by("VATEX-EU-132-1I")),
        ("delivery-by-name", delivered_to_name()),
        ("card", paid_by(card())),
        ("counted", counted()),
    ]
}

/// As invoices were issued in earlier editions, where that differs from the next one.
fn earlier() -> Vec<(String, Document)> {
    let before_editions = ["reverse-charge", "within-the-union", "terms", "abroad"];
    let first = ["direct-debit", "accounts"];
    let second = [
        "specimen",
        "specimen-direct-debit",
        "buyer-by-vat-id",
        "within-the-union",
        "danish",
        "icelandic",
        "belgian",
    ];
    let fourth: Vec<&str> = documents().into_iter().map(|(name, _)| name).collect();
    let earlier = |edition, names: &[&str], suffix: &str| {
        let named = documents().into_iter().filter(|(name, _)| names.contains(name));
        named
            .map(|(name, document)| (format!("{name}-{suffix}"), Document { edition, ..document }))
            .collect::<Vec<_>>()
    };
    [
        earlier(0, &before_editions, "before-editions"),
        earlier(1, &first, "edition-1"),
        earlier(2, &second, "edition-2"),
        earlier(4, &fourth, "edition-4"),
    ]
    .concat()
}

fn untaxed(category: TaxCategory, reason: Option<&str>) -> Document {
    let line = Line {
        tax_category: Some(category),
        exemption_reason: reason.map(str::to_owned),
        ..example::line("a", "Ink", 2, 1250, 0)
    };
    let delivery = Delivery { date: Some("2026-07-01".into()), ..Delivery::default() };
    let details = InvoiceDetails { delivery: Some(delivery), ..InvoiceDetails::default() };
    Document { bill: example::billed(&[line], &details), details, ..example::full_invoice() }
}

fn gross() -> Document {
    let details = InvoiceDetails { prices_include_tax: true, ..InvoiceDetails::default() };
    let lines = [example::line("a", "Ink", 3, 999, 1900), example::line("b", "Book", 1, 999, 700)];
    Document { bill: example::billed(&lines, &details), details, ..example::full_invoice() }
}

/// A discount that a program reads, between German parties without a reference.
fn terms() -> Document {
    let mut document = example::full_invoice();
    document.details.payment_terms = Some("#SKONTO#TAGE=14#PROZENT=2.00#".into());
    (document.details.buyer_reference, document.customer.buyer_reference) = (None, None);
    document
}

/// An invoice after a deposit, with discounts.
fn paid_by(payment: Payment) -> Document {
    let mut document = example::full_invoice();
    let deposit = Prepayment {
        amount: 1000,
        tax_amount: Some(160),
        invoice_number: Some("A-7".into()),
        date: Some("2026-06-30".into()),
    };
    document.details.prepayments = vec![deposit, Prepayment { amount: 50, ..Prepayment::default() }];
    document.details.cash_discounts = vec![CashDiscount { days: 14, rate_basis_points: 200 }];
    document.details.payment = Some(payment);
    document
}

fn direct_debit() -> Payment {
    let debit = DirectDebit {
        mandate_reference: "M-1".into(),
        creditor_id: "DE98ZZZ09999999999".into(),
        iban: "DE02120300000000202051".into(),
    };
    Payment { direct_debit: Some(debit), ..Payment::default() }
}

fn accounts() -> Payment {
    let first = Account {
        iban: Some("DE02120300000000202051".into()),
        name: Some("Ink".into()),
        bic: Some("BYLADEM1001".into()),
        ..Account::default()
    };
    let second = Account { iban: Some("NL91ABNA0417164300".into()), ..Account::default() };
    Payment { text: Some("By transfer".into()), accounts: vec![first, second], ..Payment::default() }
}

/// An order that says how it is paid before a seller is set.
fn specimen(payment: Payment) -> Document {
    let mut document = paid_by(payment);
    (document.seller.is_specimen, document.seller.iban, document.seller.bic) = (true, None, None);
    document
}

/// A buyer of whom no address is known.
fn by_vat_id() -> Document {
    let mut document = example::bare_invoice(5000, "EUR");
    document.customer.vat_id = Some("FR40303265045".into());
    document
}

/// Lines with tax, without it for two reasons, and zero rated, and charges on them.
fn exemptions() -> Document {
    let exempt = |category, reason: Option<&str>| Line {
        tax_category: Some(category),
        exemption_reason: reason.map(str::to_owned),
        ..example::line("a", "Course", 1, 10_000, 0)
    };
    let charge = |reason: &str, rate, tax_category| Allowance {
        amount: 1000,
        reason: reason.into(),
        tax_rate_basis_points: rate,
        tax_category,
        ..Allowance::default()
    };
    let lines = [
        example::line("b", "Ink", 1, 10_000, 1900),
        example::line("c", "Panel", 1, 10_000, 0),
        exempt(TaxCategory::AE, None),
        exempt(TaxCategory::E, Some("§ 4 Nr. 21 UStG")),
    ];
    let mut document = example::full_invoice();
    document.details.charges =
        vec![charge("Shipping", 1900, None), charge("Material", 0, Some(TaxCategory::E))];
    document.bill = example::billed(&lines, &document.details);
    document
}

fn exempt_by(code: &str) -> Document {
    let line = Line {
        tax_category: Some(TaxCategory::E),
        exemption_reason_code: Some(code.into()),
        ..example::line("a", "Course", 1, 10_000, 0)
    };
    Document { bill: example::billed(&[line], &InvoiceDetails::default()), ..example::invoice() }
}

fn delivered_to_name() -> Document {
    let mut document = example::full_invoice();
    let (date, name) = (Some("2026-07-01".into()), Some("Northern warehouse".into()));
    document.details.delivery = Some(Delivery { date, name, ..Delivery::default() });
    document
}

fn card() -> Payment {
    let card = Card { last_digits: "4242".into(), holder: Some("Jo Doe".into()) };
    Payment { card: Some(card), ..Payment::default() }
}

/// Units that are counted, with tax in another currency.
fn counted() -> Document {
    let line = |unit: &str| Line { unit_code: Some(unit.into()), ..example::line("a", "Ink", 2, 1000, 1900) };
    let lines = ["XPK", "E48", "LS", "DZN", "EA"].map(line);
    let tax_currency =
        TaxCurrency { currency: "CHF".into(), rate: "0.95".parse().unwrap(), source: "ECB".into() };
    let details = InvoiceDetails { tax_currency: Some(tax_currency), ..InvoiceDetails::default() };
    Document { bill: example::billed(&lines, &details), details, ..example::invoice() }
}

/// A seller of a country without VAT.
fn abroad() -> Document {
    let mut document = example::invoice();
    (document.seller.country, document.seller.vat_id) = ("US".into(), None);
    document
}

/// A Danish seller who is paid in crowns by a Danish buyer.
fn danish() -> Document {
    let mut document = Document { currency: "DKK".into(), ..example::invoice() };
    (document.seller.country, document.seller.vat_id) = ("DK".into(), Some("DK13585628".into()));
    document.seller.iban = Some("DK5000400440116243".into());
    (document.customer.country, document.customer.vat_id) = (Some("DK".into()), Some("DK31372294".into()));
    document
}

/// An Icelandic seller with a company number, and a buyer abroad.
fn icelandic() -> Document {
    let mut document = Document { currency: "ISK".into(), ..example::invoice() };
    (document.seller.country, document.seller.vat_id) = ("IS".into(), Some("IS12345".into()));
    document.seller.company_id = Some("5501692829".into());
    document.seller.company_id_scheme = Some("0196".into());
    document.seller.electronic_address = Some(example::electronic_address("0196", "5501692829"));
    document.seller.iban = Some("IS140159260076545510730339".into());
    document.customer.electronic_address = Some(example::electronic_address("0204", "991-01234-44"));
    document
}

/// Belgian parties that are known by their VAT identifiers alone.
fn belgian() -> Document {
    let mut document = example::invoice();
    (document.seller.country, document.seller.vat_id) = ("BE".into(), Some("BE0428759497".into()));
    (document.customer.country, document.customer.vat_id) = (Some("BE".into()), Some("BE0403019261".into()));
    document
}

fn hashes() -> anyhow::Result<String> {
    let mut lines = String::new();
    for (name, document) in documents() {
        add_all(&mut lines, name, &document)?;
    }
    for (name, document) in earlier() {
        add_all(&mut lines, &name, &document)?;
    }
    Ok(lines)
}

/// All that a client can have of a document, but for the page, which shows the present.
fn add_all(lines: &mut String, name: &str, document: &Document) -> anyhow::Result<()> {
    let mut add =
        |kind: &str, bytes: &[u8]| writeln!(lines, "{}  {name}.{kind}", encode(Sha256::digest(bytes)));
    // A profile that the document is refused for stays so.
    for profile in Profile::ALL {
        for (syntax, xml) in
            [("ubl", ubl::render(document, profile)), ("cii", cii::render(document, profile))]
        {
            let xml = xml.unwrap_or_else(|refusal| refusal.to_string().into_bytes());
            add(&format!("{}.{syntax}.xml", profile.name()), &xml)?;
        }
    }
    add("default-profile", Profile::of(document).name().as_bytes())?;
    for tag in Language::TAGS {
        add(&format!("{tag}.pdf"), &pdf::render(document, Language::of(tag), Fonts::NONE)?)?;
    }
    if let Ok(content) = cii::render(document, Profile::En16931) {
        let attachment = Attachment { content: &content, profile: pdf::Profile::En16931 };
        add(
            "de.factur-x.pdf",
            &pdf::render_with_attachment(document, Language::De, &attachment, Fonts::NONE)?,
        )?;
    }
    Ok(())
}

#[test]
fn issued_documents_are_made_again_byte_by_byte() -> anyhow::Result<()> {
    let made = hashes()?;
    // Only for documents that are added: WAYBILL_WRITE_HASHES=1.
    if std::env::var_os("WAYBILL_WRITE_HASHES").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reproducible.sha256"), &made)?;
    }
    for (made, kept) in made.lines().zip(KEPT.lines()) {
        assert_eq!(made, kept, "the bytes of a document that is out have changed");
    }
    assert_eq!(made.lines().count(), KEPT.lines().count());
    Ok(())
}
