//! What is said of rates and exemptions.

use waybill_contracts::{Allowance, InvoiceDetails, Line, TaxCategory, TaxComponent};

use crate::example::{bare_invoice, billed, canadian_invoice, invoice, line};
use crate::rows::{quantity, rate, remarks, small_print, sums};
use crate::{Document, Language};

const NBSP: char = '\u{a0}';

fn exempt(description: &str, category: TaxCategory, reason: Option<&str>) -> Line {
    let exemption_reason = reason.map(str::to_owned);
    Line { tax_category: Some(category), exemption_reason, ..line("", description, 1, 10_000, 0) }
}

fn document(lines: &[Line], details: &InvoiceDetails) -> Document {
    Document { bill: billed(lines, details), ..invoice() }
}

fn labels(document: &Document, language: Language) -> Vec<(String, String)> {
    sums(document, language).into_iter().map(|row| (row.label, row.amount)).collect()
}

/// The rate of each line, and what stands below it.
fn lines(document: &Document, language: Language) -> Vec<(String, Vec<String>)> {
    let said = |line| (rate(line, document, language), small_print(line, document, language));
    document.bill.lines.iter().map(said).collect()
}

#[test]
fn each_exemption_has_its_sum_and_its_lines() {
    let mut document = document(
        &[
            exempt("Beratung", TaxCategory::AE, None),
            exempt("Seminar", TaxCategory::E, Some("§ 4 Nr. 21 UStG")),
            line("", "Tinte", 1, 10_000, 1900),
            line("", "Solar", 1, 5_000, 0),
        ],
        &InvoiceDetails::default(),
    );
    let reverse_charge = "Steuerschuldnerschaft des Leistungsempfängers";
    assert_eq!(
        lines(&document, Language::De),
        [
            ("–".to_owned(), vec![reverse_charge.to_owned()]),
            ("–".to_owned(), vec!["§ 4 Nr. 21 UStG".to_owned()]),
            (format!("19{NBSP}%"), vec![]),
            (format!("0{NBSP}%"), vec![]),
        ]
    );
    let mut found = labels(&document, Language::De).split_off(1);
    found.sort();
    let mut expected = [
        (format!("{reverse_charge} · 100,00{NBSP}€"), "–".to_owned()),
        (format!("§ 4 Nr. 21 UStG · 100,00{NBSP}€"), "–".to_owned()),
        (format!("USt. 19{NBSP}% auf 100,00{NBSP}€"), format!("19,00{NBSP}€")),
        (format!("USt. 0{NBSP}% auf 50,00{NBSP}€"), format!("0,00{NBSP}€")),
    ];
    expected.sort();
    assert_eq!(found, expected);
    assert!(remarks(&document, Language::De).is_empty());

    document.edition = 4;
    assert_eq!(lines(&document, Language::De)[0], (format!("0{NBSP}%"), vec![]));
    assert!(labels(&document, Language::De)[1].0.starts_with("USt. 0"));
    assert_eq!(remarks(&document, Language::De).len(), 2);
}

#[test]
fn no_rate_is_stated_of_what_is_exempt_as_a_whole() {
    for category in [TaxCategory::AE, TaxCategory::K, TaxCategory::G, TaxCategory::O, TaxCategory::E] {
        let reason = (category == TaxCategory::E).then_some("§ 19 UStG");
        let document = document(&[exempt("A", category, reason)], &InvoiceDetails::default());
        assert_eq!(lines(&document, Language::De), [("–".to_owned(), vec![])], "{category:?}");
        assert_eq!(labels(&document, Language::De), [("Netto".into(), format!("100,00{NBSP}€"))]);
        assert_eq!(remarks(&document, Language::De).len(), 1, "{category:?}");
    }
}

#[test]
fn no_rate_is_stated_of_an_amount_without_one() {
    let mut document = bare_invoice(5000, "EUR");
    for (country, remark) in [("DE", "No VAT is stated"), ("US", "No tax is stated")] {
        document.seller.country = country.into();
        document.seller.vat_id = None;
        assert_eq!(rate(&document.bill.lines[0], &document, Language::En), "–");
        assert_eq!(sums(&document, Language::En).len(), 1);
        let remarks = remarks(&document, Language::En);
        assert!(remarks.len() == 1 && remarks[0].starts_with(remark), "{remarks:?}");
    }
}

#[test]
fn an_allowance_or_charge_has_its_rate() {
    let charge = |reason: &str, rate, category| Allowance {
        amount: 1000,
        reason: reason.into(),
        tax_rate_basis_points: rate,
        tax_category: category,
        ..Allowance::default()
    };
    let details = InvoiceDetails {
        charges: vec![
            charge("Versand", 700, None),
            charge("Porto", 0, Some(TaxCategory::E)),
            charge("Maut", 1900, None),
        ],
        ..InvoiceDetails::default()
    };
    let mut document = document(
        &[
            line("", "Buch", 1, 10_000, 700),
            line("", "Tinte", 1, 10_000, 1900),
            exempt("Seminar", TaxCategory::E, Some("§ 4 Nr. 21 UStG")),
        ],
        &details,
    );
    let charges = |document: &Document| {
        labels(document, Language::De)[1..4].iter().map(|(label, _)| label.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        charges(&document),
        [format!("Versand (7{NBSP}%)"), "Porto (§ 4 Nr. 21 UStG)".into(), format!("Maut (19{NBSP}%)")]
    );
    document.edition = 4;
    assert_eq!(charges(&document), ["Versand", "Porto", "Maut"]);

    let mut document = canadian_invoice();
    let tax = |name: &str, rate: i64| TaxComponent { name: name.into(), rate_basis_points: rate.into() };
    let details = InvoiceDetails {
        charges: vec![Allowance {
            taxes: vec![tax("GST", 500), tax("PST", 700)],
            ..charge("Shipping", 0, None)
        }],
        ..InvoiceDetails::default()
    };
    let taxed = Line { taxes: vec![tax("GST", 500), tax("PST", 700)], ..line("a", "Ink", 1, 10_000, 0) };
    document.bill = billed(&[taxed], &details);
    assert_eq!(labels(&document, Language::En)[1].0, "Shipping (GST 5% · PST 7%)");
}

#[test]
fn units_that_are_counted_have_words() {
    let mut document = invoice();
    for (code, german, english) in [
        ("XPK", "2\u{a0}Pck.", "2\u{a0}pkg."),
        ("E48", "2\u{a0}Leist.", "2\u{a0}svc."),
        ("LS", "2\u{a0}pausch.", "2\u{a0}lump sum"),
        ("DZN", "2\u{a0}Dtzd.", "2\u{a0}doz."),
        ("EA", "2", "2"),
        ("H87", "2", "2"),
        ("WEE", "2\u{a0}Wo.", "2\u{a0}wk"),
        ("4K", "2\u{a0}4K", "2\u{a0}4K"),
    ] {
        let counted = Line { unit_code: Some(code.into()), ..line("a", "A", 2, 100, 1900) };
        document.bill = billed(&[counted], &InvoiceDetails::default());
        let of = |document: &Document, language| quantity(&document.bill.lines[0], document, language);
        assert_eq!((&*of(&document, Language::De), &*of(&document, Language::En)), (german, english));
    }
    let before = Document { edition: 4, ..document.clone() };
    assert_eq!(quantity(&before.bill.lines[0], &before, Language::De), "2\u{a0}4K");
}
