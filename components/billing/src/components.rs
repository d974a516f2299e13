//! Taxes by their own names, of which an amount may bear several: GST and PST.

use std::collections::BTreeMap;

use waybill_contracts::{TaxCategory, TaxComponent};

use crate::amounts::rounded_quotient;
use crate::bill::TaxSum;
use crate::gross::apportion;
use crate::rate::{Rate, WHOLE};

/// The amounts that bear such taxes, and the taxes.
#[derive(Debug, Default)]
pub struct Components<'a> {
    /// The places of the amounts among all of the order.
    pub members: Vec<usize>,
    /// Their net amounts.
    pub nets: Vec<i128>,
    sums: Vec<Sum<'a>>,
}

/// What one tax is charged on.
#[derive(Debug)]
struct Sum<'a> {
    component: &'a TaxComponent,
    /// The places of the amounts in `members`.
    bearers: Vec<usize>,
    net: i128,
    tax: i128,
}

/// Parts of a minor unit in which shares of taxes are summed up.
const PARTS: i128 = 1_000_000_000_000_000;

/// Sums of shares are rounded to a thousand parts first: what was rounded in each must not make less than a half of a half.
const SNAP: i128 = 1000;

impl<'a> Components<'a> {
    /// Each tax is rounded once, on the sum of the amounts that bear it, whichever others they bear besides.
    ///
    /// Amounts with tax include the rates of all their taxes. A tax is its part of each amount; what the taxes leave of the amounts is
    /// net, so that the total is what was agreed on.
    pub fn of(amounts: &[i128], rates: &[Rate<'a>], include_tax: bool) -> Self {
        let is_member = |index: &usize| !rates[*index].components.is_empty();
        let members: Vec<usize> = (0..rates.len()).filter(is_member).collect();
        let mut sums: Vec<Sum<'a>> = Vec::new();
        let mut places = BTreeMap::new();
        for (bearer, member) in members.iter().enumerate() {
            for component in rates[*member].components {
                let key = (comparable(&component.name), component.rate_basis_points);
                let place = *places.entry(key).or_insert_with(|| {
                    sums.push(Sum { component, bearers: Vec::new(), net: 0, tax: 0 });
                    sums.len() - 1
                });
                sums[place].bearers.push(bearer);
            }
        }
        let amounts: Vec<i128> = members.iter().map(|member| amounts[*member]).collect();
        let share = |bearer: usize| rates[members[bearer]].net_share();
        let nets = if include_tax {
            for sum in &mut sums {
                let of_bearers = sum.bearers.iter();
                let gross = of_bearers.map(|bearer| (amounts[*bearer], share(*bearer).gross));
                sum.tax = tax_within(gross, sum.rate());
            }
            let net = amounts.iter().sum::<i128>() - sums.iter().map(|sum| sum.tax).sum::<i128>();
            apportion(&amounts, share, net)
        } else {
            amounts
        };
        for sum in &mut sums {
            sum.net = sum.bearers.iter().map(|bearer| nets[*bearer]).sum();
            if !include_tax {
                sum.tax = rounded_quotient(sum.net * sum.rate(), WHOLE.into());
            }
        }
        Self { members, nets, sums }
    }

    pub fn net(&self) -> i128 {
        self.nets.iter().sum()
    }

    pub fn tax(&self) -> i128 {
        self.sums.iter().map(|sum| sum.tax).sum()
    }

    /// The sums, as the lines name the taxes first.
    pub fn tax_sums(&self) -> impl Iterator<Item = Option<TaxSum>> {
        self.sums.iter().map(|Sum { component, net, tax, .. }| {
            Some(TaxSum {
                category: TaxCategory::S,
                rate_basis_points: 0,
                component: Some((*component).clone()),
                net: (*net).try_into().ok()?,
                tax: (*tax).try_into().ok()?,
                exemption_reason: None,
                exemption_reason_code: None,
                is_unstated: false,
            })
        })
    }
}

/// A name is the same in any case, within a line and in the sums.
pub fn comparable(name: &str) -> String {
    name.trim().to_lowercase()
}

/// Whether both are summed up as one tax.
pub fn is_same_tax(tax: &TaxComponent, other: &TaxComponent) -> bool {
    tax.rate_basis_points == other.rate_basis_points && comparable(&tax.name) == comparable(&other.name)
}

impl Sum<'_> {
    /// In millionths of a basis point.
    fn rate(&self) -> i128 {
        self.component.millionths().unwrap_or(0).into()
    }
}

/// The tax at a rate that amounts include, each with its divisor, rounded half away from zero.
fn tax_within(amounts: impl Iterator<Item = (i128, i128)>, rate: i128) -> i128 {
    let shares = amounts.map(|(amount, divisor)| {
        let (whole, rest) = ((amount * rate).div_euclid(divisor), (amount * rate).rem_euclid(divisor));
        whole * PARTS + rounded_quotient(rest * PARTS, divisor)
    });
    rounded_quotient(rounded_quotient(shares.sum(), SNAP), PARTS / SNAP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_half_that_is_a_sum_of_endless_fractions_is_rounded_away_from_zero() {
        // 1/3 + 1/3 + 5/6 = 1.5
        for sign in [1, -1] {
            let amounts = [(sign, 3), (sign, 3), (5 * sign, 6)];
            assert_eq!(tax_within(amounts.into_iter(), 1), 2 * sign);
            let less = [(sign, 3), (sign, 3), (4 * sign, 6)];
            assert_eq!(tax_within(less.into_iter(), 1), sign);
        }
    }
}
