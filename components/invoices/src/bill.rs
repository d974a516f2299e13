//! The bill of an invoice, as the API shows it: what its documents state, so that no client computes money again.

use serde::Serialize;
use waybill_billing::{BilledAllowance, BilledLine, BilledLineAllowance};
use waybill_contracts::{Decimal, InvoiceDetails, TaxCategory, TaxComponent};

/// What was computed when the invoice was issued, in minor units without tax where nothing else is said (BG-22, BG-25).
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// One for each of the invoice's `lines`, in their order; one over all where only the amount is billed.
    pub lines: Vec<BillLine>,
    /// What is taken off the sum of the lines (BG-20).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub allowances: Vec<BillAllowance>,
    /// What is added to the sum of the lines (BG-21).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub charges: Vec<BillAllowance>,
    /// The sum of the lines (BT-106).
    pub line_net_amount: i64,
    /// The sum of the allowances (BT-107).
    pub allowance_net_amount: i64,
    /// The sum of the charges (BT-108).
    pub charge_net_amount: i64,
    /// The total without tax (BT-109).
    pub net_amount: i64,
    /// The tax (BT-110).
    pub tax_amount: i64,
    /// The total with tax (BT-112).
    pub amount: i64,
    /// What was paid before (BT-113).
    pub prepaid_amount: i64,
    /// What the document asks for, or credits (BT-115): the total with tax less what was paid before.
    pub amount_due: i64,
}

/// A line as it is billed.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BillLine {
    /// How much is billed, in units of `unitCode` (BT-129).
    pub quantity: Decimal,
    /// The unit's code of UN/ECE recommendation 20 (BT-130).
    pub unit_code: String,
    /// The price without tax of `priceQuantity` units, in minor units and parts of them (BT-146).
    pub net_price: Decimal,
    /// How many units `netPrice` is the price of (BT-149): 1, unless the price of one unit has no finite decimal.
    pub price_quantity: Decimal,
    /// What is taken off the line (BG-27).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub allowances: Vec<BillLineAllowance>,
    /// What is added to the line (BG-28).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub charges: Vec<BillLineAllowance>,
    /// The line without tax: the price of the quantity, less allowances and with charges (BT-131).
    pub net_amount: i64,
    /// The tax category (BT-151).
    pub tax_category: TaxCategory,
    /// Basis points: 1900 is 19 % (BT-152). 0 where there are `taxes`.
    pub tax_rate_basis_points: i32,
    /// The taxes by their own names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub taxes: Vec<TaxComponent>,
}

/// An allowance or a charge of a line, as it is billed.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BillLineAllowance {
    /// Without tax (BT-136, BT-141).
    pub net_amount: i64,
    /// What it is for (BT-139, BT-144).
    pub reason: String,
}

/// An allowance or a charge of the document, as it is billed.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BillAllowance {
    /// Without tax (BT-92, BT-99).
    pub net_amount: i64,
    /// What it is for (BT-97, BT-104).
    pub reason: String,
    /// The tax category (BT-95, BT-102).
    pub tax_category: TaxCategory,
    /// Basis points: 1900 is 19 % (BT-96, BT-103). 0 where there are `taxes`.
    pub tax_rate_basis_points: i32,
    /// The taxes by their own names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(not(target_family = "wasm"), schema(required = false))]
    pub taxes: Vec<TaxComponent>,
}

impl Bill {
    /// The bill that an invoice keeps, with what was paid before.
    pub fn of(bill: &waybill_billing::Bill, details: &InvoiceDetails) -> Self {
        Self {
            lines: bill.lines.iter().map(BillLine::from).collect(),
            allowances: bill.allowances.iter().map(BillAllowance::from).collect(),
            charges: bill.charges.iter().map(BillAllowance::from).collect(),
            line_net_amount: bill.line_total,
            allowance_net_amount: bill.allowance_total,
            charge_net_amount: bill.charge_total,
            net_amount: bill.net,
            tax_amount: bill.tax,
            amount: bill.total,
            prepaid_amount: details.prepaid(),
            amount_due: bill.due(details),
        }
    }
}

impl From<&BilledLine> for BillLine {
    fn from(line: &BilledLine) -> Self {
        Self {
            quantity: line.quantity,
            unit_code: line.unit_code.clone(),
            net_price: line.price.amount,
            price_quantity: line.price.per,
            allowances: line.allowances.iter().map(BillLineAllowance::from).collect(),
            charges: line.charges.iter().map(BillLineAllowance::from).collect(),
            net_amount: line.net,
            tax_category: line.category,
            tax_rate_basis_points: line.rate_basis_points,
            taxes: line.taxes.clone(),
        }
    }
}

impl From<&BilledLineAllowance> for BillLineAllowance {
    fn from(allowance: &BilledLineAllowance) -> Self {
        Self { net_amount: allowance.net, reason: allowance.reason.clone() }
    }
}

impl From<&BilledAllowance> for BillAllowance {
    fn from(allowance: &BilledAllowance) -> Self {
        Self {
            net_amount: allowance.net,
            reason: allowance.reason.clone(),
            tax_category: allowance.category,
            tax_rate_basis_points: allowance.rate_basis_points,
            taxes: allowance.taxes.clone(),
        }
    }
}
