//! The sums of an order by tax rate.

use std::collections::BTreeMap;

use waybill_contracts::{InvoiceDetails, Line, TaxCategory};

use crate::Parties;
use crate::bill::{Bill, BilledLine, TaxSum};
use crate::billed::{billed_allowances, billed_line, line_amounts};
use crate::gross::{Nets, with_tax, without_tax};
use crate::rate::{Rate, category, rate_of_allowance};

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
        (rate_basis_points, category): Rate,
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
        // All that an exempt seller sells is exempt for the seller's reason; a line's own stands beside it.
        let reason = match (of_seller, reason) {
            (Some(of_seller), Some(reason)) if of_seller != reason => Some(format!("{of_seller}; {reason}")),
            (of_seller, reason) => of_seller.or(reason),
        };
        Some(TaxSum {
            category,
            rate_basis_points,
            net: self.net().try_into().ok()?,
            tax: self.nets.tax.try_into().ok()?,
            exemption_reason: reason,
            exemption_reason_code: code.or_else(|| category.exemption_reason_code().map(str::to_owned)),
            is_unstated: false,
        })
    }
}

/// The amounts of lines, then of allowances (less than zero), then of charges, by rate.
pub struct Sums {
    rates: Vec<Rate>,
    groups: BTreeMap<Rate, Group>,
}

impl Sums {
    pub fn tax(&self) -> i128 {
        self.groups.values().map(|group| group.nets.tax).sum()
    }

    /// With tax.
    pub fn total(&self) -> i128 {
        self.groups.values().map(Group::net).sum::<i128>() + self.tax()
    }

    /// `None` if an amount is too large.
    pub fn of(lines: &[Line], details: &InvoiceDetails, parties: &Parties) -> Option<Self> {
        let mut amounts = Vec::with_capacity(lines.len());
        let mut rates: Vec<Rate> = Vec::with_capacity(lines.len());
        for line in lines {
            amounts.push(line_amounts(line)?.sum());
            rates.push((line.tax_rate_basis_points, category(line, parties)));
        }
        let of_lines = rates.clone();
        let signed =
            details.allowances.iter().map(|it| (it, -1)).chain(details.charges.iter().map(|it| (it, 1)));
        for (allowance, sign) in signed {
            amounts.push(i128::from(allowance.amount) * sign);
            rates.push(rate_of_allowance(allowance, &of_lines));
        }
        let mut members = BTreeMap::<Rate, Vec<usize>>::new();
        for (index, rate) in rates.iter().enumerate() {
            members.entry(*rate).or_default().push(index);
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
        Some(Self { rates, groups })
    }

    pub fn bill(&self, all_lines: &[Line], details: &InvoiceDetails, parties: &Parties) -> Option<Bill> {
        let mut nets = vec![0; self.rates.len()];
        for group in self.groups.values() {
            for (index, net) in group.members.iter().zip(&group.nets.nets) {
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
            .collect::<Option<_>>()?;
        let net = sum(&mut taxes.iter().map(|tax| tax.net))?;
        let tax = sum(&mut taxes.iter().map(|tax| tax.tax))?;
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
