//! Prices that include the tax.

use std::cmp::Reverse;

use crate::amounts::{tax_in, tax_on};

/// The net amounts at one tax rate, and the tax on them.
#[derive(Debug, PartialEq, Eq)]
pub struct Nets {
    pub nets: Vec<i128>,
    pub tax: i128,
}

/// How much of a price with tax is net: `net` of `gross` parts.
#[derive(Clone, Copy, Debug)]
pub struct NetShare {
    pub net: i128,
    pub gross: i128,
}

/// Amounts without tax: the tax is on their sum.
pub fn without_tax(amounts: Vec<i128>, rate_basis_points: i32) -> Nets {
    let tax = tax_on(amounts.iter().sum(), rate_basis_points);
    Nets { nets: amounts, tax }
}

/// Amounts with tax: the tax is what their sum includes, so that the total is what was agreed on. The rest is the net sum.
pub fn with_tax(amounts: &[i128], rate_basis_points: i32) -> Nets {
    let total: i128 = amounts.iter().sum();
    let tax = tax_in(total, rate_basis_points);
    let share = NetShare { net: 10_000, gross: 10_000 + i128::from(rate_basis_points) };
    Nets { nets: apportion(amounts, |_| share, total - tax), tax }
}

/// Remainders are compared in parts of this.
const PRECISION: i128 = 1_000_000_000_000_000;

/// Divides the net sum of amounts with tax among them, in proportion.
///
/// Each gets the integer below its share; the units that are left go to those of the largest remainders, the first of equals. Several
/// taxes, each of them rounded, may be more or less than the remainders are: the largest amount bears the difference.
pub fn apportion(amounts: &[i128], share: impl Fn(usize) -> NetShare, net: i128) -> Vec<i128> {
    let mut nets = Vec::with_capacity(amounts.len());
    let mut remainders = Vec::with_capacity(amounts.len());
    for (index, amount) in amounts.iter().enumerate() {
        let NetShare { net, gross } = share(index);
        nets.push((amount * net).div_euclid(gross));
        remainders.push((amount * net).rem_euclid(gross) * PRECISION / gross);
    }
    let mut left = net - nets.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..amounts.len()).collect();
    order.sort_by_key(|index| Reverse(remainders[*index]));
    for index in order.into_iter().take_while(|index| remainders[*index] > 0) {
        if left <= 0 {
            break;
        }
        nets[index] += 1;
        left -= 1;
    }
    if let Some(largest) = (0..amounts.len()).min_by_key(|index| Reverse(amounts[*index].abs())) {
        nets[largest] += left;
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
