//! Bills of one line over a whole order.

use waybill_contracts::{Decimal, PIECE, TaxCategory};

use crate::Parties;
use crate::amounts::tax_in;
use crate::bill::{Bill, BilledLine, Price, TaxSum};

impl Bill {
    /// The bill of an order that names no more than an amount.
    ///
    /// It includes the tax at the rate that the seller has set for such orders. Without one, no tax is stated, and the document says so:
    /// which one is due is not known here.
    pub(crate) fn of_amount(amount: i64, parties: &Parties) -> Self {
        let rate = parties.amount_tax_rate_basis_points.filter(|_| parties.exemption_reason.is_none());
        let rate_basis_points = rate.unwrap_or(0);
        let category = if rate_basis_points > 0 { TaxCategory::S } else { TaxCategory::E };
        // The tax in an amount is less than the amount.
        let tax = i64::try_from(tax_in(amount.into(), rate_basis_points)).unwrap_or(0);
        let is_unstated = rate.is_none() && parties.exemption_reason.is_none();
        let sum = TaxSum {
            category: if rate == Some(0) { TaxCategory::Z } else { category },
            rate_basis_points,
            component: None,
            net: amount - tax,
            tax,
            exemption_reason: parties.exemption_reason.clone(),
            exemption_reason_code: None,
            is_unstated,
        };
        Self::of_one_line(amount, sum)
    }

    /// One line over the whole order.
    pub(crate) fn of_one_line(total: i64, sum: TaxSum) -> Self {
        let line = BilledLine {
            item: None,
            quantity: Decimal::ONE,
            unit_code: PIECE.to_owned(),
            price: Price { amount: sum.net.into(), per: Decimal::ONE },
            price_with_tax: None,
            allowances: Vec::new(),
            charges: Vec::new(),
            net: sum.net,
            category: sum.category,
            rate_basis_points: sum.rate_basis_points,
            taxes: Vec::new(),
        };
        Self {
            lines: vec![line],
            line_total: sum.net,
            net: sum.net,
            tax: sum.tax,
            total,
            taxes: vec![sum],
            ..Self::default()
        }
    }
}
