//! What page and PDF say of rates and exemptions.
//!
//! A rate is stated where there is one: on what is taxed, and on what is zero rated. Elsewhere a rate of 0 % would be a claim that nobody
//! made, and under reverse charge and margin schemes the law allows no statement of tax (`UStG` § 14a (5) and (6)): the reason stands there.

use waybill_billing::{BilledAllowance, BilledLine, TaxSum};
use waybill_contracts::{TaxCategory, TaxComponent};

use crate::{Document, Language};

/// Stands for a rate or a tax that is not stated.
const NOT_STATED: &str = "–";

/// Before this edition, everything without tax was at 0 %, and the reasons stood below the sums only.
const FIRST_EDITION: u16 = 5;

/// A sum below the lines.
#[derive(Debug, PartialEq, Eq)]
pub struct SumRow {
    /// What it is.
    pub label: String,
    /// The amount with its currency.
    pub amount: String,
}

/// The rate of a line, in the column of rates.
pub fn rate(line: &BilledLine, document: &Document, language: Language) -> String {
    if document.edition >= FIRST_EDITION && !has_rate(line.category) {
        NOT_STATED.to_owned()
    } else {
        language.percent(line.rate())
    }
}

/// The sum of each rate and exemption. An exemption of everything has no row: its sum is the net sum.
pub(super) fn sums(document: &Document, language: Language) -> Vec<SumRow> {
    if is_exempt_as_a_whole(document) {
        return Vec::new();
    }
    let row = |sum: &TaxSum| {
        let net = document.money(sum.net, language);
        let reason = document.exemption(sum, language).filter(|_| document.edition >= FIRST_EDITION);
        if let Some(reason) = reason {
            return SumRow { label: format!("{reason} · {net}"), amount: NOT_STATED.to_owned() };
        }
        let tax = tax_name(sum, document, language);
        let label = language.tax_on(tax, &language.percent(sum.rate()), &net);
        SumRow { label, amount: document.money(sum.tax, language) }
    };
    document.bill.taxes.iter().map(row).collect()
}

/// The name of a tax: its own, or what the document calls a tax without a name.
fn tax_name<'a>(sum: &'a TaxSum, document: &Document, language: Language) -> &'a str {
    sum.component.as_ref().map_or_else(|| document.tax_word(language), |component| &component.name)
}

/// The reasons that stand below the sums: those that no row of the sums has.
pub(super) fn reasons(document: &Document, language: Language) -> Vec<String> {
    if document.edition >= FIRST_EDITION && !is_exempt_as_a_whole(document) {
        return Vec::new();
    }
    document.bill.taxes.iter().filter_map(|sum| document.exemption(sum, language)).collect()
}

/// Why a line has no tax, where others have some or another reason.
pub(super) fn reason(line: &BilledLine, document: &Document, language: Language) -> Option<String> {
    reason_of(line.category, document, language)
}

/// What an allowance or a charge is for, and its rate.
pub(super) fn allowance(allowance: &BilledAllowance, document: &Document, language: Language) -> String {
    let BilledAllowance { reason, category, rate_basis_points, taxes, .. } = allowance;
    let rate = if document.edition < FIRST_EDITION {
        None
    } else if !taxes.is_empty() {
        Some(of_components(taxes, language))
    } else if has_rate(*category) {
        Some(language.percent(i64::from(*rate_basis_points).into()))
    } else {
        reason_of(*category, document, language)
    };
    match rate {
        Some(rate) => format!("{reason} ({rate})"),
        None => reason.clone(),
    }
}

/// Taxes by their own names, each with its rate.
pub(super) fn of_components(taxes: &[TaxComponent], language: Language) -> String {
    let taxes = taxes.iter().map(|tax| format!("{} {}", tax.name, language.percent(tax.rate_basis_points)));
    taxes.collect::<Vec<_>>().join(" · ")
}

fn has_rate(category: TaxCategory) -> bool {
    matches!(category, TaxCategory::S | TaxCategory::Z)
}

fn is_exempt_as_a_whole(document: &Document) -> bool {
    let is_exempt = |sum: &TaxSum| !has_rate(sum.category);
    document.edition >= FIRST_EDITION && matches!(&document.bill.taxes[..], [sum] if is_exempt(sum))
}

fn reason_of(category: TaxCategory, document: &Document, language: Language) -> Option<String> {
    if document.edition < FIRST_EDITION || has_rate(category) || is_exempt_as_a_whole(document) {
        return None;
    }
    let sum = document.bill.taxes.iter().find(|sum| sum.category == category)?;
    document.exemption(sum, language)
}
