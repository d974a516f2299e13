//! The sums of an order by tax rate.

use std::collections::BTreeMap;

use waybill_contracts::{InvoiceDetails, Line, MAX_AMOUNT, TaxCategory};

use crate::Parties;
use crate::bill::{Bill, BilledLine, TaxSum};
use crate::billed::{billed_allowances, billed_line, line_amounts};
use crate::components::Components;
use crate::gross::{Nets, with_tax, without_tax};
use crate::rate::Rate;

/// The amounts of an order at one tax rate.
#[derive(Debug)]
struct Group {
    /// The places of its amounts in [`Sums::amounts`].
    members: Vec<usize>,
    nets: Nets,
}

impl Group {
    fn net(&self) -> i128 {
        self.nets.nets.iter().sum()
    }

    fn tax_sum(
        &self,
        (rate_basis_points, category): (i32, TaxCategory),
        lines: &[Line],
        parties: &Parties,
    ) -> Option<TaxSum> {
        // Allowances and charges come after all lines, and have no reason of their own.
        let mut lines = self.members.iter().filter_map(|index| lines.get(*index));
        let stated =
            lines.find(|line| line.exemption_reason.is_some() || line.exemption_reason_code.is_some());
        let reason = stated.and_then(|line| line.exemption_reason.clone());
        let code = stated.and_then(|line| line.exemption_reason_code.clone());
        let of_seller = parties.exemption_reason.clone().filter(|_| category == TaxCategory::E);
        // The code of a line's reason would be that of the seller's, and of all other lines.
        let code = code.filter(|_| of_seller.is_none());
        // All that an exempt seller sells is exempt for the seller's reason; a line's own stands beside it.
        let reason = match (of_seller, reason) {
            (Some(of_seller), Some(reason)) if of_seller != reason => Some(format!("{of_seller}; {reason}")),
            (of_seller, reason) => of_seller.or(reason),
        };
        Some(TaxSum {
            category,
            rate_basis_points,
            component: None,
            net: self.net().try_into().ok()?,
            tax: self.nets.tax.try_into().ok()?,
            exemption_reason: reason,
            exemption_reason_code: code.or_else(|| category.exemption_reason_code().map(str::to_owned)),
            is_unstated: false,
        })
    }
}

/// The largest amount of a line that is summed up: its own, 50 allowances and 50 charges.
const MAX_SUMMAND: i128 = MAX_AMOUNT as i128 * 101;

/// The amounts of lines, then of allowances (less than zero), then of charges, by rate.
pub struct Sums<'a> {
    rates: Vec<Rate<'a>>,
    groups: BTreeMap<(i32, TaxCategory), Group>,
    components: Components<'a>,
}

impl<'a> Sums<'a> {
    pub fn tax(&self) -> i128 {
        self.groups.values().map(|group| group.nets.tax).sum::<i128>() + self.components.tax()
    }

    /// Without tax.
    fn net(&self) -> i128 {
        self.groups.values().map(Group::net).sum::<i128>() + self.components.net()
    }

    /// With tax.
    pub fn total(&self) -> i128 {
        self.net() + self.tax()
    }

    /// `None` if an amount is too large, or a rate out of range.
    pub fn of(lines: &'a [Line], details: &'a InvoiceDetails, parties: &Parties) -> Option<Self> {
        let mut amounts = Vec::with_capacity(lines.len());
        let mut rates: Vec<Rate<'a>> = Vec::with_capacity(lines.len());
        for line in lines {
            amounts.push(line_amounts(line)?.sum());
            rates.push(Rate::of_line(line, parties).checked()?);
        }
        let of_lines = rates.clone();
        let signed =
            details.allowances.iter().map(|it| (it, -1)).chain(details.charges.iter().map(|it| (it, 1)));
        for (allowance, sign) in signed {
            amounts.push(i128::from(allowance.amount) * sign);
            rates.push(Rate::of_allowance(allowance, &of_lines).checked()?);
        }
        if amounts.iter().any(|amount| amount.abs() > MAX_SUMMAND) {
            return None;
        }
        let mut members = BTreeMap::<(i32, TaxCategory), Vec<usize>>::new();
        for (index, rate) in rates.iter().enumerate().filter(|(_, rate)| rate.components.is_empty()) {
            members.entry((rate.basis_points, rate.category)).or_default().push(index);
        }
        let groups = members
            .into_iter()
            .map(|(rate, members)| {
                let amounts: Vec<i128> = members.iter().map(|index| amounts[*index]).collect();
                let nets = if details.prices_include_tax {
                    with_tax(&amounts, rate.0)
                } else {
                    without_tax(amounts, rate.0)
                };
                (rate, Group { members, nets })
            })
            .collect();
        let components = Components::of(&amounts, &rates, details.prices_include_tax);
        Some(Self { rates, groups, components })
    }

    pub fn bill(&self, all_lines: &[Line], details: &InvoiceDetails, parties: &Parties) -> Option<Bill> {
        let mut nets = vec![0; self.rates.len()];
        let of_groups = self.groups.values().map(|group| (&group.members, &group.nets.nets));
        for (members, of_members) in of_groups.chain([(&self.components.members, &self.components.nets)]) {
            for (index, net) in members.iter().zip(of_members) {
                nets[*index] = i64::try_from(*net).ok()?;
            }
        }
        let (of_lines, of_allowances) = nets.split_at(all_lines.len());
        let (off, on_top) = of_allowances.split_at(details.allowances.len());
        let billed = all_lines.iter().zip(of_lines).zip(&self.rates);
        let lines: Vec<BilledLine> = billed
            .map(|((line, net), rate)| billed_line(line, *net, *rate, details.prices_include_tax))
            .collect::<Option<_>>()?;
        let rates = &self.rates[lines.len()..];
        let allowances = billed_allowances(&details.allowances, off, rates, -1);
        let charges = billed_allowances(&details.charges, on_top, &rates[details.allowances.len()..], 1);
        let sum =
            |nets: &mut dyn Iterator<Item = i64>| i64::try_from(nets.map(i128::from).sum::<i128>()).ok();
        let taxes: Vec<TaxSum> = self
            .groups
            .iter()
            .map(|(rate, group)| group.tax_sum(*rate, all_lines, parties))
            .chain(self.components.tax_sums())
            .collect::<Option<_>>()?;
        let (net, tax) = (i64::try_from(self.net()).ok()?, i64::try_from(self.tax()).ok()?);
        Some(Bill {
            line_total: sum(&mut of_lines.iter().copied())?,
            allowance_total: sum(&mut allowances.iter().map(|allowance| allowance.net))?,
            charge_total: sum(&mut charges.iter().map(|charge| charge.net))?,
            lines,
            allowances,
            charges,
            taxes,
            net,
            tax,
            total: net.checked_add(tax)?,
            accounting_tax: None,
        })
    }
}
