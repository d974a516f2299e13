//! What page and PDF say of lines and sums, so that both say the same.

use waybill_billing::{Bill, BilledLine};
use waybill_contracts::PIECE;

use crate::{Document, Kind, Language};

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
        let label = language.tax_on(&language.percent(sum.rate_basis_points), &money(sum.net));
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

/// What stands below the sums: why no tax is charged, and the tax in the currency that the seller accounts for it in.
pub fn remarks(bill: &Bill, language: Language) -> Vec<String> {
    let mut remarks: Vec<String> = bill.taxes.iter().filter_map(|sum| language.exemption(sum)).collect();
    if let Some(tax) = &bill.accounting_tax {
        let amount = language.money(tax.tax, &tax.currency);
        let rate = language.decimal(&tax.rate.to_string());
        remarks.push(format!("{}: {amount} ({rate}; {})", language.words().tax, tax.source));
    }
    remarks
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
        .chain(item.note.clone())
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
            remarks(&document(line, &InvoiceDetails::default()).bill, language)
        };
        assert_eq!(of(TaxCategory::AE, Language::De), ["Steuerschuldnerschaft des Leistungsempfängers"]);
        assert_eq!(of(TaxCategory::AE, Language::Fr), ["Autoliquidation"]);
        assert_eq!(of(TaxCategory::K, Language::De), ["Steuerfreie innergemeinschaftliche Lieferung"]);
        assert_eq!(of(TaxCategory::G, Language::En), ["Export, exempt from VAT"]);
        assert!(of(TaxCategory::Z, Language::En).is_empty());
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
        let remarks = remarks(&document(hours(), &details).bill, Language::De);
        assert_eq!(remarks, ["USt.: 24,87\u{a0}$ (1,1; EZB, 27.11.2026)"]);
    }
}
