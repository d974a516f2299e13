use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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
pub fn taxes_by_rate(lines: &[Line]) -> impl Iterator<Item = TaxSum> {
    let mut sums = BTreeMap::<i32, i128>::new();
    for line in lines {
        let sum = sums.entry(line.tax_rate_basis_points).or_default();
        *sum = sum.saturating_add(i128::from(line.quantity) * i128::from(line.unit_price));
    }
    sums.into_iter().map(|(rate_basis_points, net)| TaxSum {
        rate_basis_points,
        net,
        tax: net.saturating_mul(rate_basis_points.into()).saturating_add(5_000) / 10_000,
    })
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
    }
}
