//! Prices that include the tax.

use crate::amounts::{tax_in, tax_on};

/// The net amounts at one tax rate, and the tax on them.
#[derive(Debug, PartialEq, Eq)]
pub struct Nets {
    pub nets: Vec<i128>,
    pub tax: i128,
}

/// Amounts without tax: the tax is on their sum.
pub fn without_tax(amounts: Vec<i128>, rate_basis_points: i32) -> Nets {
    let tax = tax_on(amounts.iter().sum(), rate_basis_points);
    Nets { nets: amounts, tax }
}

/// Amounts with tax: the tax is what their sum includes, so that the total is what was agreed on.
///
/// The rest, the net sum, is divided among them in proportion. Each gets the integer below its share; the units that are left go to
/// those of the largest remainders, the first of equals.
pub fn with_tax(amounts: &[i128], rate_basis_points: i32) -> Nets {
    let total: i128 = amounts.iter().sum();
    let tax = tax_in(total, rate_basis_points);
    Nets { nets: apportion(amounts, rate_basis_points, total - tax), tax }
}

/// Divides the net sum of amounts with tax among them.
pub fn apportion(amounts: &[i128], rate_basis_points: i32, net: i128) -> Vec<i128> {
    let divisor = 10_000 + i128::from(rate_basis_points);
    let mut nets: Vec<i128> = amounts.iter().map(|amount| (amount * 10_000).div_euclid(divisor)).collect();
    let left = usize::try_from(net - nets.iter().sum::<i128>()).unwrap_or(0);
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse((amounts[*index] * 10_000).rem_euclid(divisor)));
    for index in order.into_iter().take(left) {
        nets[index] += 1;
    }
    nets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gross_price_comes_out_as_it_is() {
        assert_eq!(with_tax(&[999], 1900), Nets { nets: vec![839], tax: 160 });
        // 99.99 with tax, three times: 299.97 in all, of which 47.89 is tax.
        assert_eq!(with_tax(&[9999; 3], 1900), Nets { nets: vec![8403, 8403, 8402], tax: 4789 });
        assert_eq!(with_tax(&[500, -100], 0), Nets { nets: vec![500, -100], tax: 0 });
    }

    #[test]
    fn shares_sum_up_for_any_amounts() {
        for rate in [1, 260, 500, 700, 810, 1900, 2550, 10_000] {
            for first in -30..60 {
                for amounts in [vec![first], vec![first, 17, -3], vec![first, first, 999, -first]] {
                    let Nets { nets, tax } = with_tax(&amounts, rate);
                    let total: i128 = amounts.iter().sum();
                    assert_eq!(nets.iter().sum::<i128>() + tax, total, "{amounts:?} at {rate}");
                    for (net, amount) in nets.iter().zip(&amounts) {
                        let off = net * i128::from(10_000 + rate) - amount * 10_000;
                        assert!(off.abs() <= i128::from(10_000 + rate), "{amounts:?} at {rate}: {nets:?}");
                    }
                }
            }
        }
    }
}
