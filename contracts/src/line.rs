use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{MAX_AMOUNT, MIN_AMOUNT};

/// A line of an order, and of its invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_family = "wasm"), derive(schemars::JsonSchema, utoipa::ToSchema))]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The seller's identifier of what is sold.
    pub sku: String,
    /// What is sold, in words.
    pub description: String,
    /// Pieces.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 1)))]
    pub quantity: i64,
    /// Minor units of the order's currency for one piece, without tax.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 0)))]
    pub unit_price: i64,
    /// Basis points: 1900 is 19 %.
    #[cfg_attr(not(target_family = "wasm"), schemars(range(min = 0, max = 10_000)))]
    pub tax_rate_basis_points: i32,
}

/// What has a price: a line of an order, also before the order is taken.
pub trait Priced {
    /// The pieces, the minor units for one piece without tax, and the tax rate in basis points.
    fn price(&self) -> (i64, i64, i32);
}

impl Priced for Line {
    fn price(&self) -> (i64, i64, i32) {
        (self.quantity, self.unit_price, self.tax_rate_basis_points)
    }
}

/// The lines of one tax rate, summed up, in minor units. Any lines have such sums, also where their order is over too much to
/// be taken: beyond what can be computed they are the most that can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaxSum {
    /// Basis points: 1900 is 19 %.
    pub rate_basis_points: i32,
    /// Without tax.
    pub net: i128,
    /// The tax on that sum, rounded half up.
    pub tax: i128,
}

/// Sums up lines for each tax rate, the lowest first.
///
/// The tax is on the sum of a rate. So EN 16931 has it (BR-CO-10, BR-S-08), by which an invoice is checked; tax that is rounded
/// line by line gives other sums.
pub fn taxes_by_rate(lines: &[impl Priced]) -> impl Iterator<Item = TaxSum> {
    let mut sums = BTreeMap::<i32, i128>::new();
    for (quantity, unit_price, rate_basis_points) in lines.iter().map(Priced::price) {
        let sum = sums.entry(rate_basis_points).or_default();
        *sum = sum.saturating_add(i128::from(quantity) * i128::from(unit_price));
    }
    sums.into_iter().map(|(rate_basis_points, net)| TaxSum {
        rate_basis_points,
        net,
        tax: net.saturating_mul(rate_basis_points.into()).saturating_add(5_000) / 10_000,
    })
}

/// What is to be paid for lines: the sums of all tax rates with their taxes, in minor units. `None` where that is no amount.
pub fn sum_with_tax(lines: &[impl Priced]) -> Option<i64> {
    let add = |total: i128, sum: TaxSum| total.saturating_add(sum.net).saturating_add(sum.tax);
    let total = taxes_by_rate(lines).fold(0, add);
    i64::try_from(total).ok().filter(|total| (MIN_AMOUNT..=MAX_AMOUNT).contains(total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_lines_have_sums() {
        let most = Line {
            sku: String::new(),
            description: String::new(),
            quantity: i64::MAX,
            unit_price: i64::MAX,
            tax_rate_basis_points: i32::MAX,
        };
        let lines = vec![most; 5];
        assert_eq!(taxes_by_rate(&lines).map(|sum| sum.net).collect::<Vec<_>>(), [i128::MAX]);
        assert_eq!(sum_with_tax(&lines), None);
    }

    fn line(quantity: i64, unit_price: i64, tax_rate_basis_points: i32) -> Line {
        Line { sku: "a".into(), description: "A".into(), quantity, unit_price, tax_rate_basis_points }
    }

    #[test]
    fn tax_is_rounded_half_up_on_the_sum_of_a_rate() {
        assert_eq!(sum_with_tax(&[line(3, 1000, 1900)]), Some(3570));
        // 3 × 0.333 at 7 %: rounded line by line it would be 1.05.
        assert_eq!(sum_with_tax(&[line(1, 33, 700), line(1, 33, 700), line(1, 33, 700)]), Some(106));
        assert_eq!(sum_with_tax(&[line(1, 50, 100)]), Some(51), "half is rounded up");
        assert_eq!(sum_with_tax(&[line(1, 49, 100)]), Some(49));
        assert_eq!(sum_with_tax(&[line(1, 10_000, 1900), line(1, 10_000, 700), line(2, 5, 0)]), Some(22_610));
    }

    #[test]
    fn a_sum_out_of_range_is_no_amount() {
        assert_eq!(sum_with_tax(&[] as &[Line]), None);
        assert_eq!(sum_with_tax(&[line(1, 0, 1900)]), None);
        assert_eq!(sum_with_tax(&[line(1, MAX_AMOUNT, 0)]), Some(MAX_AMOUNT));
        assert_eq!(sum_with_tax(&[line(1, MAX_AMOUNT, 1)]), None);
        assert_eq!(sum_with_tax(&vec![line(1_000_000_000, MAX_AMOUNT, 10_000); 200]), None);
    }
}
