//! What page and PDF say of lines and sums, so that both say the same.

mod rates;
mod units;

use std::fmt::Write;

use waybill_billing::BilledLine;
use waybill_contracts::Prepayment;

pub use self::rates::{SumRow, rate};

use crate::parties::filled;
use crate::{Date, Document, Kind, Language, payment_terms};

/// The sums above the total: those of lines, allowances and charges where there are some, and the net sum and the taxes.
pub fn sums(document: &Document, language: Language) -> Vec<SumRow> {
    let bill = &document.bill;
    let money = |amount| document.money(amount, language);
    let row = |label: String, amount: i64| SumRow { label, amount: money(amount) };
    let mut rows = Vec::new();
    if !bill.allowances.is_empty() || !bill.charges.is_empty() {
        rows.push(row(language.sum_of_lines().to_owned(), bill.line_total));
    }
    let label = |allowance| rates::allowance(allowance, document, language);
    rows.extend(bill.allowances.iter().map(|allowance| row(label(allowance), -allowance.net)));
    rows.extend(bill.charges.iter().map(|charge| row(label(charge), charge.net)));
    rows.push(row(document.net_word(language).to_owned(), bill.net));
    rows.extend(rates::sums(document, language));
    rows
}

/// The total, which is to be paid or is credited.
pub fn total(document: &Document, language: Language) -> SumRow {
    let words = language.words();
    let label = match document.kind {
        Kind::Invoice { .. } => words.total,
        Kind::CreditNote { .. } => words.credit_total,
    };
    SumRow { label: label.to_owned(), amount: document.money(document.bill.total, language) }
}

/// What was paid before, each payment off the total.
pub fn prepayments(document: &Document, language: Language) -> Vec<SumRow> {
    let money = |amount| document.money(amount, language);
    let row = |prepayment: &Prepayment| {
        let date = prepayment.date.as_deref().and_then(Date::read).map(|date| language.date(date));
        let mut label = language.prepayment(prepayment.invoice_number.as_deref(), date.as_deref());
        if let Some(tax) = prepayment.tax_amount {
            let _ = write!(label, " ({} {})", document.tax_word(language), money(tax));
        }
        SumRow { label, amount: money(-prepayment.amount) }
    };
    document.details.prepayments.iter().map(row).collect()
}

/// What remains to be paid or is credited, where something was paid before.
pub fn due(document: &Document, language: Language) -> Option<SumRow> {
    let amount = document.money(document.due(), language);
    let label = match document.kind {
        Kind::Invoice { .. } => language.words().amount_due,
        Kind::CreditNote { .. } => language.words().credit_due,
    };
    let row = SumRow { label: label.to_owned(), amount };
    (!document.details.prepayments.is_empty()).then_some(row)
}

/// The numbers of the invoices of deposits; `None` if there are none.
pub fn invoices_of_deposits(document: &Document) -> Option<String> {
    let numbers = document.details.prepayments.iter().filter_map(|it| filled(it.invoice_number.as_ref()));
    Some(numbers.collect::<Vec<_>>().join(", ")).filter(|numbers| !numbers.is_empty())
}

/// What a credit note takes back, and what it does not.
pub fn taken_back(document: &Document, number: &str, issued_on: Date, language: Language) -> Vec<String> {
    let taken_back = language.takes_back(number, &language.date(issued_on));
    let rest = invoices_of_deposits(document).map(|numbers| language.not_taken_back(&numbers));
    std::iter::once(taken_back).chain(rest).collect()
}

/// What stands below the sums: why no tax is charged, the tax in the currency that the seller accounts for it in, and the note.
pub fn remarks(document: &Document, language: Language) -> Vec<String> {
    let bill = &document.bill;
    let mut remarks = rates::reasons(document, language);
    if let Some(tax) = &bill.accounting_tax {
        let amount = document.money_in(&tax.currency, tax.tax, language);
        let rate = language.decimal(&tax.rate.to_string());
        // French has a space before a colon.
        let space = if language == Language::Fr && document.edition >= 5 { "\u{a0}" } else { "" };
        remarks.push(format!("{}{space}: {amount} ({rate}; {})", document.tax_word(language), tax.source));
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
        _ => document.payment_terms().0.into_iter().flat_map(|text| lines(text)).collect(),
    }
}

/// The lines of a free text.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).filter(|line| !line.trim().is_empty()).collect()
}

/// The quantity of a line with its unit: `1.5 h`, `3`.
pub fn quantity(line: &BilledLine, document: &Document, language: Language) -> String {
    let quantity = language.decimal(&line.quantity.to_string());
    match units::unit(&line.unit_code, document.edition, language) {
        None => quantity,
        Some(unit) => format!("{quantity}\u{a0}{unit}"),
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

/// What stands below a line's description, in small: identifiers, the taxes that have names of their own, why it has no tax where others
/// have, the price with tax where it was agreed so, free text, allowances and charges.
pub fn small_print(line: &BilledLine, document: &Document, language: Language) -> Vec<String> {
    let Some(item) = &line.item else { return Vec::new() };
    let sku = Some(&item.sku).filter(|sku| !sku.is_empty() && **sku != item.description);
    let identifiers = sku.into_iter().chain(&item.buyer_id).cloned().collect::<Vec<_>>().join(" · ");
    let taxes = rates::of_components(&line.taxes, language);
    let reason = rates::reason(line, document, language).unwrap_or_default();
    let money = |amount| document.money(amount, language);
    let allowances = line.allowances.iter().map(|it| format!("{} {}", it.reason, money(-it.net)));
    let charges = line.charges.iter().map(|it| format!("{} +{}", it.reason, money(it.net)));
    let is_taxed = !line.rate().is_zero();
    let agreed = line.price_with_tax.filter(|_| is_taxed).map(|price| {
        language.with_tax(&language.price(price, &document.currency), document.tax_word(language))
    });
    [identifiers, taxes, reason, agreed.unwrap_or_default()]
        .into_iter()
        .filter(|text| !text.is_empty())
        .chain(item.note.iter().flat_map(|note| lines(note)))
        .chain(allowances)
        .chain(charges)
        .collect()
}

impl Language {
    /// A payment before the invoice, by the invoice that asked for it, and the day of that one or of the payment.
    fn prepayment(self, invoice: Option<&str>, day: Option<&str>) -> String {
        let (prepayment, invoice_word, of) = match self {
            Self::En => ("Prepayment", "invoice", "of"),
            Self::De => ("Anzahlung", "Rechnung", "vom"),
            Self::Es => ("Anticipo", "factura", "del"),
            Self::Fr => ("Acompte", "facture", "du"),
            Self::Pt => ("Adiantamento", "fatura", "de"),
        };
        match (invoice, day) {
            (Some(invoice), Some(day)) => format!("{prepayment}, {invoice_word} {invoice} {of} {day}"),
            (Some(invoice), None) => format!("{prepayment}, {invoice_word} {invoice}"),
            (None, Some(day)) => format!("{prepayment}, {day}"),
            (None, None) => prepayment.to_owned(),
        }
    }

    /// The statement that a credit note does not take back the invoices of deposits, by their numbers.
    pub fn not_taken_back(self, invoices: &str) -> String {
        match self {
            Self::En => {
                format!(
                    "It does not take back prepayments; their invoices are corrected by themselves: {invoices}."
                )
            }
            Self::De => {
                format!(
                    "Anzahlungen hebt sie nicht auf; deren Rechnungen werden gesondert berichtigt: {invoices}."
                )
            }
            Self::Es => {
                format!("No anula los anticipos; sus facturas se rectifican por separado: {invoices}.")
            }
            Self::Fr => {
                format!(
                    "Il n’annule pas les acomptes ; leurs factures sont rectifiées séparément : {invoices}."
                )
            }
            Self::Pt => {
                format!(
                    "Não anula os adiantamentos; as suas faturas são retificadas em separado: {invoices}."
                )
            }
        }
    }

    /// A price that includes the tax.
    fn with_tax(self, price: &str, tax: &str) -> String {
        match self {
            Self::En => format!("{price} incl. {tax}"),
            Self::De => format!("{price} inkl. {tax}"),
            Self::Es => format!("{price} con {tax} incluido"),
            Self::Fr => format!("{price} {tax} comprise"),
            Self::Pt => format!("{price} com {tax} incluído"),
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
mod tests;
