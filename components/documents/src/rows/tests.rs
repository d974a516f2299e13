use waybill_contracts::{Allowance, InvoiceDetails, Line, LineAllowance, TaxCategory, TaxCurrency};

use super::*;
use crate::example::{billed, invoice};

mod rates;

fn document(line: Line, details: &InvoiceDetails) -> Document {
    Document { bill: billed(&[line], details), ..invoice() }
}

fn hours() -> Line {
    Line {
        sku: "c-1".into(),
        description: "Beratung".into(),
        quantity: "1.5".parse().unwrap(),
        unit_price: "8000.5".parse().unwrap(),
        tax_rate_basis_points: 1900,
        unit_code: Some("HUR".into()),
        buyer_item_id: Some("77".into()),
        note: Some("Vor Ort".into()),
        allowances: vec![LineAllowance { amount: 100, reason: "Treuerabatt".into() }],
        ..Line::default()
    }
}

#[test]
fn a_line_says_its_unit_price_and_small_print() {
    let document = document(hours(), &InvoiceDetails::default());
    let line = &document.bill.lines[0];
    assert_eq!(quantity(line, &document, Language::De), "1,5\u{a0}h");
    assert_eq!(price(line, &document, Language::De), "80,005");
    let small = small_print(line, &document, Language::De);
    assert_eq!(small, ["c-1 · 77", "Vor Ort", "Treuerabatt -1,00\u{a0}€"]);
}

#[test]
fn allowances_and_charges_of_the_document_are_sums() {
    let allowance = |amount, reason: &str| Allowance {
        amount,
        reason: reason.into(),
        tax_rate_basis_points: 1900,
        ..Allowance::default()
    };
    let details = InvoiceDetails {
        allowances: vec![allowance(1000, "Rabatt")],
        charges: vec![allowance(490, "Versand")],
        ..InvoiceDetails::default()
    };
    let labels = |document: &Document| {
        sums(document, Language::De).into_iter().map(|row| row.label).collect::<Vec<_>>()
    };
    assert_eq!(
        labels(&document(hours(), &details))[..4],
        ["Summe der Positionen", "Rabatt (19\u{a0}%)", "Versand (19\u{a0}%)", "Netto"]
    );
    assert_eq!(labels(&document(hours(), &InvoiceDetails::default())).len(), 2);
}

#[test]
fn the_law_s_words_are_in_the_reader_s_language() {
    let of = |category, language| {
        let line = Line { tax_rate_basis_points: 0, tax_category: Some(category), ..hours() };
        remarks(&document(line, &InvoiceDetails::default()), language)
    };
    assert_eq!(of(TaxCategory::AE, Language::De), ["Steuerschuldnerschaft des Leistungsempfängers"]);
    assert_eq!(of(TaxCategory::AE, Language::Fr), ["Autoliquidation"]);
    assert_eq!(of(TaxCategory::K, Language::De), ["Steuerfreie innergemeinschaftliche Lieferung"]);
    assert_eq!(of(TaxCategory::G, Language::En), ["Export, exempt from VAT"]);
    assert!(of(TaxCategory::Z, Language::En).is_empty());
}

fn untaxed(category: TaxCategory, reason: Option<&str>, code: Option<&str>) -> Document {
    let line = Line {
        tax_rate_basis_points: 0,
        tax_category: Some(category),
        exemption_reason: reason.map(str::to_owned),
        exemption_reason_code: code.map(str::to_owned),
        ..hours()
    };
    document(line, &InvoiceDetails::default())
}

#[test]
fn an_own_reason_stands_beside_the_law_s_words() {
    let of = |category, reason| remarks(&untaxed(category, Some(reason), None), Language::De);
    assert_eq!(
        of(TaxCategory::AE, "§ 13b UStG"),
        ["Steuerschuldnerschaft des Leistungsempfängers (§ 13b UStG)"]
    );
    let complete = "Steuerschuldnerschaft des Leistungsempfängers nach § 13b UStG";
    assert_eq!(of(TaxCategory::AE, complete), [complete]);
    assert_eq!(
        of(TaxCategory::K, "§ 4 Nr. 1b UStG"),
        ["Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1b UStG)"]
    );
    assert_eq!(of(TaxCategory::E, "§ 4 Nr. 21 UStG"), ["§ 4 Nr. 21 UStG"]);
    let franchise =
        |reason| remarks(&untaxed(TaxCategory::E, Some(reason), Some("VATEX-FR-FRANCHISE")), Language::Fr);
    let abbreviated = "TVA non applicable, art. 293 B du CGI";
    assert_eq!(franchise(abbreviated), [abbreviated]);
    assert_eq!(
        franchise("Micro-entreprise"),
        ["TVA non applicable, article 293 B du CGI (Micro-entreprise)"]
    );
    // As it was issued.
    let before = Document { edition: 0, ..untaxed(TaxCategory::AE, Some("§ 13b UStG"), None) };
    assert_eq!(remarks(&before, Language::De), ["§ 13b UStG"]);
}

#[test]
fn a_margin_scheme_is_named() {
    let of = |code, language| remarks(&untaxed(TaxCategory::E, None, Some(code)), language);
    for (code, words) in [
        ("VATEX-EU-D", "Sonderregelung für Reisebüros"),
        ("VATEX-EU-F", "Gebrauchtgegenstände/Sonderregelung"),
        ("VATEX-EU-I", "Kunstgegenstände/Sonderregelung"),
        ("VATEX-EU-J", "Sammlungsstücke und Antiquitäten/Sonderregelung"),
        ("VATEX-EU-132-1I", "Steuerfrei (Richtlinie 2006/112/EG, Art. 132(1)(i))"),
        ("VATEX-FR-CGI261-4", "Steuerfrei (CGI, art. 261, 4)"),
        ("VATEX-FR-FRANCHISE", "TVA non applicable, article 293 B du CGI"),
    ] {
        assert_eq!(of(code, Language::De), [words]);
    }
    assert_eq!(of("VATEX-EU-F", Language::En), ["Margin scheme – Second-hand goods"]);
}

#[test]
fn a_seller_of_a_country_without_vat_does_not_speak_of_it() {
    let mut document = document(hours(), &InvoiceDetails::default());
    assert!(sums(&document, Language::En)[1].label.starts_with("VAT 19% on"));
    (document.seller.country, document.seller.vat_id) = ("US".into(), None);
    assert!(sums(&document, Language::En)[1].label.starts_with("Tax 19% on"));
    assert_eq!(document.tax_word(Language::De), "Steuer");
    document.seller.country = "CH".into();
    assert_eq!(document.tax_word(Language::De), "USt.");
}

#[test]
fn tax_in_another_currency_has_its_rate_and_source() {
    let said = |currency: &str, rate: &str| {
        let tax_currency = TaxCurrency {
            currency: currency.into(),
            rate: rate.parse().unwrap(),
            source: "EZB, 27.11.2026".into(),
        };
        let details = InvoiceDetails { tax_currency: Some(tax_currency), ..InvoiceDetails::default() };
        remarks(&document(hours(), &details), Language::De)
    };
    assert_eq!(said("USD", "1.1"), ["USt.: 24,87\u{a0}$ (1,1; EZB, 27.11.2026)"]);
    assert_eq!(said("BHD", "0.4113"), ["USt.: 9,299\u{a0}BHD (0,4113; EZB, 27.11.2026)"]);
}
