//! What was billed, in the form in which an invoice keeps it.

use serde::{Deserialize, Serialize};
use waybill_contracts::{Decimal, ExchangeRate, InvoiceDetails, TaxCategory, TaxComponent};

/// Lines and their sums, in minor units of the document's currency. The `BT-…` and `BG-…` are the terms of EN 16931.
///
/// The sums agree: the lines' net amounts less allowances and plus charges are `net`, the taxes on it are `tax`, and both are `total`,
/// the order's amount.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// At least one (BG-25).
    pub lines: Vec<BilledLine>,
    /// Off the sum of the lines (BG-20).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowances: Vec<BilledAllowance>,
    /// On top of the sum of the lines (BG-21).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<BilledAllowance>,
    /// The sums of each rate and category, the lowest rate first (BG-23); then those of taxes by their own names, as the lines name them.
    pub taxes: Vec<TaxSum>,
    /// The lines' net amounts (BT-106).
    pub line_total: i64,
    /// The allowances (BT-107).
    pub allowance_total: i64,
    /// The charges (BT-108).
    pub charge_total: i64,
    /// Without tax (BT-109).
    pub net: i64,
    /// The tax (BT-110).
    pub tax: i64,
    /// With tax (BT-112).
    pub total: i64,
    /// The tax in the currency in which the seller accounts for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounting_tax: Option<AccountingTax>,
}

/// One line of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BilledLine {
    /// What is sold; `None` for a line that bills the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item: Option<Item>,
    /// How much of it (BT-129).
    pub quantity: Decimal,
    /// The unit's code of UN/ECE recommendation 20 (BT-130).
    pub unit_code: String,
    /// The price without tax.
    pub price: Price,
    /// The price of one unit with tax, where it was agreed so: minor units and parts of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_with_tax: Option<Decimal>,
    /// Off the price of the line (BG-27).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub allowances: Vec<BilledLineAllowance>,
    /// On top of the price of the line (BG-28).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<BilledLineAllowance>,
    /// The price of the whole line, without tax (BT-131).
    pub net: i64,
    /// The category (BT-151).
    pub category: TaxCategory,
    /// Basis points: 1900 is 19 % (BT-152). 0 where there are `taxes`.
    pub rate_basis_points: i32,
    /// The taxes by their own names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxComponent>,
}

/// What is sold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// The seller's identifier (BT-155); may be empty.
    pub sku: String,
    /// In words (BT-153); never empty.
    pub description: String,
    /// The buyer's identifier (BT-156).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer_id: Option<String>,
    /// Free text of the line (BT-127).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A price without tax.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Price {
    /// Minor units of the currency and parts of them, for `per` units (BT-146).
    pub amount: Decimal,
    /// The number of units that `amount` is the price of (BT-149): one, unless the price of one unit has no finite decimal.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub per: Decimal,
}

/// An allowance or a charge of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BilledLineAllowance {
    /// Without tax (BT-136, BT-141).
    pub net: i64,
    /// What it is for (BT-139, BT-144).
    pub reason: String,
}

/// An allowance or a charge of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BilledAllowance {
    /// Without tax (BT-92, BT-99).
    pub net: i64,
    /// What it is for (BT-97, BT-104).
    pub reason: String,
    /// The category (BT-95, BT-102).
    pub category: TaxCategory,
    /// Basis points: 1900 is 19 % (BT-96, BT-103). 0 where there are `taxes`.
    pub rate_basis_points: i32,
    /// The taxes by their own names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<TaxComponent>,
}

/// What one tax rate of one category, or one tax by its own name, is charged on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaxSum {
    /// The category (BT-118).
    pub category: TaxCategory,
    /// Basis points: 1900 is 19 % (BT-119). 0 where there is a `component`.
    pub rate_basis_points: i32,
    /// The tax, if it has a name of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<TaxComponent>,
    /// Without tax (BT-116).
    pub net: i64,
    /// The tax on that sum, rounded once (BT-117).
    pub tax: i64,
    /// Why no tax is charged, in the words of the order or of the seller (BT-120).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption_reason: Option<String>,
    /// The code of that reason (BT-121).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption_reason_code: Option<String>,
    /// Whether the order stated no tax: it named an amount only, and the seller has set no rate for such.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_unstated: bool,
}

/// The tax in the currency in which the seller accounts for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountingTax {
    /// ISO 4217 (BT-6).
    pub currency: String,
    /// In minor units of that currency (BT-111).
    pub tax: i64,
    /// How much of it one of the document's currency is.
    pub rate: ExchangeRate,
    /// Who published the rate, and of which day.
    pub source: String,
}

impl Bill {
    /// What remains to be paid (BT-115): the total less what was paid before (BT-113).
    pub fn due(&self, details: &InvoiceDetails) -> i64 {
        self.total.saturating_sub(details.prepaid())
    }

    /// The taxes by their own names, which EN 16931 does not know.
    pub fn components(&self) -> impl Iterator<Item = &TaxComponent> {
        self.taxes.iter().filter_map(|sum| sum.component.as_ref())
    }

    /// Every amount that is a sum, not a price.
    pub fn amounts(&self) -> impl Iterator<Item = i64> {
        let of_rates = self.taxes.iter().flat_map(|sum| [sum.net, sum.tax]);
        let of_lines = self.lines.iter().flat_map(BilledLine::amounts);
        let of_document = self.allowances_and_charges().map(|(_, allowance)| allowance.net);
        let totals =
            [self.line_total, self.allowance_total, self.charge_total, self.net, self.tax, self.total];
        of_rates.chain(of_lines).chain(of_document).chain(totals)
    }

    /// The allowances, then the charges, and whether each is a charge.
    pub fn allowances_and_charges(&self) -> impl Iterator<Item = (bool, &BilledAllowance)> {
        marked(&self.allowances, &self.charges)
    }
}

impl TaxSum {
    /// Basis points and parts of them.
    pub fn rate(&self) -> Decimal {
        let of_component = self.component.as_ref().map(|component| component.rate_basis_points);
        of_component.unwrap_or_else(|| i64::from(self.rate_basis_points).into())
    }
}

impl BilledLine {
    /// The rates of all its taxes together: basis points and parts of them.
    pub fn rate(&self) -> Decimal {
        let rates = self.taxes.iter().map(|component| component.rate_basis_points);
        rates.fold(i64::from(self.rate_basis_points).into(), Decimal::plus)
    }

    fn amounts(&self) -> impl Iterator<Item = i64> {
        self.allowances_and_charges().map(|(_, allowance)| allowance.net).chain([self.net])
    }

    /// The allowances, then the charges, and whether each is a charge.
    pub fn allowances_and_charges(&self) -> impl Iterator<Item = (bool, &BilledLineAllowance)> {
        marked(&self.allowances, &self.charges)
    }
}

fn marked<'a, T>(allowances: &'a [T], charges: &'a [T]) -> impl Iterator<Item = (bool, &'a T)> {
    allowances.iter().map(|it| (false, it)).chain(charges.iter().map(|it| (true, it)))
}

fn one() -> Decimal {
    Decimal::ONE
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_one(number: &Decimal) -> bool {
    *number == Decimal::ONE
}
