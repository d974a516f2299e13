//! What page and PDF say of lines and sums, so that both say the same.

use waybill_billing::BilledLine;
use waybill_contracts::PIECE;

use crate::{Document, Kind, Language, payment_terms};

/// A sum below the lines.
#[derive(Debug, PartialEq, Eq)]
pub struct SumRow {
    /// What it is.
    pub label: String,
    /// The amount with its currency.
    pub amount: String,
}

/// The sums above the total: those of lines, allowances and charges where there are some, and the net sum and the taxes.
pub fn sums(document: &Document, language: Language) -> Vec<SumRow> {
    let (words, bill) = (language.words(), &document.bill);
    let money = |amount| language.money(amount, &document.currency);
    let row = |label: String, amount: i64| SumRow { label, amount: money(amount) };
    let mut rows = Vec::new();
    if !bill.allowances.is_empty() || !bill.charges.is_empty() {
        rows.push(row(language.sum_of_lines().to_owned(), bill.line_total));
    }
    rows.extend(bill.allowances.iter().map(|allowance| row(allowance.reason.clone(), -allowance.net)));
    rows.extend(bill.charges.iter().map(|charge| row(charge.reason.clone(), charge.net)));
    rows.push(row(words.net.to_owned(), bill.net));
    rows.extend(bill.taxes.iter().map(|sum| {
        let rate = language.percent(sum.rate_basis_points);
        let label = language.tax_on(document.tax_word(language), &rate, &money(sum.net));
        row(label, sum.tax)
    }));
    rows
}

/// The total, which is to be paid or is credited.
pub fn total(document: &Document, language: Language) -> SumRow {
    let words = language.words();
    let label = match document.kind {
        Kind::Invoice { .. } => words.total,
        Kind::CreditNote { .. } => words.credit_total,
    };
    SumRow { label: label.to_owned(), amount: language.money(document.bill.total, &document.currency) }
}

/// What stands below the sums: why no tax is charged, the tax in the currency that the seller accounts for it in, and the note.
pub fn remarks(document: &Document, language: Language) -> Vec<String> {
    let bill = &document.bill;
    let reasons = bill.taxes.iter().filter_map(|sum| document.exemption(sum, language));
    let mut remarks: Vec<String> = reasons.collect();
    if let Some(tax) = &bill.accounting_tax {
        let amount = language.money(tax.tax, &tax.currency);
        let rate = language.decimal(&tax.rate.to_string());
        remarks.push(format!("{}: {amount} ({rate}; {})", document.tax_word(language), tax.source));
    }
    remarks.extend(document.details.note.iter().flat_map(|note| lines(note)));
    remarks
}

/// What the document says of the payment, as people read it: a line each.
pub fn payment_terms(document: &Document, language: Language) -> Vec<String> {
    match payment_terms::of(document) {
        Some(Ok(terms)) if document.edition >= 1 => {
            terms.iter().map(|term| term.in_words(document, language)).collect()
        }
        _ => document.details.payment_terms.iter().flat_map(|text| lines(text)).collect(),
    }
}

/// The lines of a free text.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).filter(|line| !line.trim().is_empty()).collect()
}

/// The quantity of a line with its unit: `1.5 h`, `3`.
pub fn quantity(line: &BilledLine, language: Language) -> String {
    let quantity = language.decimal(&line.quantity.to_string());
    match line.unit_code.as_str() {
        // `C62` is one of anything.
        PIECE | "C62" => quantity,
        code => format!("{quantity}\u{a0}{}", language.unit(code).unwrap_or_else(|| unit(code))),
    }
}

/// The price of a unit without tax, or of several units.
pub fn price(line: &BilledLine, document: &Document, language: Language) -> String {
    let amount = language.price(line.price.amount, &document.currency);
    match line.price.per.integer() {
        Some(1) => amount,
        _ => format!("{amount} / {}", language.decimal(&line.price.per.to_string())),
    }
}

/// What stands below a line's description, in small: identifiers, free text, allowances and charges.
pub fn small_print(line: &BilledLine, document: &Document, language: Language) -> Vec<String> {
    let Some(item) = &line.item else { return Vec::new() };
    let sku = Some(&item.sku).filter(|sku| !sku.is_empty() && **sku != item.description);
    let identifiers = sku.into_iter().chain(&item.buyer_id).cloned().collect::<Vec<_>>().join(" · ");
    let money = |amount| language.money(amount, &document.currency);
    let allowances = line.allowances.iter().map(|it| format!("{} {}", it.reason, money(-it.net)));
    let charges = line.charges.iter().map(|it| format!("{} +{}", it.reason, money(it.net)));
    Some(identifiers)
        .filter(|identifiers| !identifiers.is_empty())
        .into_iter()
        .chain(item.note.iter().flat_map(|note| lines(note)))
        .chain(allowances)
        .chain(charges)
        .collect()
}

/// The symbol of a unit, or its code where it has none that is the same in all languages.
fn unit(code: &str) -> &str {
    match code {
        "HUR" => "h",
        "MIN" => "min",
        "SEC" => "s",
        "DAY" => "d",
        "GRM" => "g",
        "KGM" => "kg",
        "TNE" => "t",
        "MMT" => "mm",
        "CMT" => "cm",
        "MTR" => "m",
        "KMT" => "km",
        "MTK" => "m²",
        "MTQ" => "m³",
        "MLT" => "ml",
        "LTR" => "l",
        "KWH" => "kWh",
        "MWH" => "MWh",
        "KWT" => "kW",
        "P1" => "%",
        code => code,
    }
}

impl Language {
    /// The unit of time that has words and no symbol.
    fn unit(self, code: &str) -> Option<&'static str> {
        let [week, month, year] = match self {
            Self::En => ["wk", "mo", "yr"],
            Self::De => ["Wo.", "Mon.", "J."],
            Self::Fr => ["sem.", "mois", "an"],
            Self::Es | Self::Pt => ["sem.", "m.", "a."],
        };
        match code {
            "WEE" => Some(week),
            "MON" => Some(month),
            "ANN" => Some(year),
            _ => None,
        }
    }

    fn sum_of_lines(self) -> &'static str {
        match self {
            Self::En => "Sum of lines",
            Self::De => "Summe der Positionen",
            Self::Es => "Suma de las líneas",
            Self::Fr => "Somme des lignes",
            Self::Pt => "Soma das linhas",
        }
    }
}

#[cfg(test)]
mod tests {
    use waybill_contracts::{Allowance, InvoiceDetails, Line, LineAllowance, TaxCategory, TaxCurrency};

    use super::*;
    use crate::example::{billed, invoice};

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
        assert_eq!(quantity(line, Language::De), "1,5\u{a0}h");
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
            tax_category: None,
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
            ["Summe der Positionen", "Rabatt", "Versand", "Netto"]
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
            ("VATEX-EU-132-1I", "Steuerfrei (VATEX-EU-132-1I)"),
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
        let details = InvoiceDetails {
            tax_currency: Some(TaxCurrency {
                currency: "USD".into(),
                rate: "1.1".parse().unwrap(),
                source: "EZB, 27.11.2026".into(),
            }),
            ..InvoiceDetails::default()
        };
        let remarks = remarks(&document(hours(), &details), Language::De);
        assert_eq!(remarks, ["USt.: 24,87\u{a0}$ (1,1; EZB, 27.11.2026)"]);
    }
}
