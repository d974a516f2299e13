//! The taxes of an invoice.

use serde::Serialize;
use waybill_contracts::{Line, TaxSum, taxes_by_rate};

/// The lines of one tax rate, summed up.
#[cfg_attr(not(target_family = "wasm"), derive(utoipa::ToSchema))]
#[allow(clippy::struct_field_names, reason = "it is the name in the API")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tax {
    /// Basis points: 1900 is 19 %.
    pub rate_basis_points: i32,
    /// The sum of the lines without tax, in minor units.
    pub net_amount: i64,
    /// The tax on that sum, in minor units, rounded half up.
    pub tax_amount: i64,
}

/// Sums up lines for each rate, the lowest first.
pub fn by_rate(lines: &[Line]) -> Vec<Tax> {
    // An order whose sum does not fit was never taken.
    let fitting = |sum: i128| i64::try_from(sum).unwrap_or(i64::MAX);
    let tax = |sum: TaxSum| Tax {
        rate_basis_points: sum.rate_basis_points,
        net_amount: fitting(sum.net),
        tax_amount: fitting(sum.tax),
    };
    taxes_by_rate(lines).map(tax).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(quantity: i64, unit_price: i64, tax_rate_basis_points: i32) -> Line {
        Line { sku: "a".into(), description: "A".into(), quantity, unit_price, tax_rate_basis_points }
    }

    #[test]
    fn lines_are_summed_up_for_each_rate() {
        let taxes = by_rate(&[line(1, 33, 700), line(3, 1000, 1900), line(2, 33, 700)]);
        let expected = [
            Tax { rate_basis_points: 700, net_amount: 99, tax_amount: 7 },
            Tax { rate_basis_points: 1900, net_amount: 3000, tax_amount: 570 },
        ];
        assert_eq!(taxes, expected);
        assert_eq!(by_rate(&[]), []);
    }
}
