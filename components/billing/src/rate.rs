//! Tax rates and categories of lines, allowances and charges.

use waybill_contracts::{Allowance, Line, TaxCategory, TaxComponent};

use crate::Parties;
use crate::gross::NetShare;

/// The tax on an amount: a rate with its category, or the taxes by their own names. Sorts by the rate first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate<'a> {
    /// 0 where there are components.
    pub basis_points: i32,
    pub category: TaxCategory,
    pub components: &'a [TaxComponent],
}

/// The millionths of a basis point that are 100 %.
pub const WHOLE: i64 = 10_000_000_000;

impl<'a> Rate<'a> {
    pub fn of_line(line: &'a Line, parties: &Parties) -> Self {
        Self {
            basis_points: line.tax_rate_basis_points,
            category: category(line, parties),
            components: &line.taxes,
        }
    }

    /// That of an allowance or charge. Where it gives no category, it has that of the first line with its rate.
    pub fn of_allowance(allowance: &'a Allowance, of_lines: &[Rate<'_>]) -> Self {
        let Allowance { tax_rate_basis_points: basis_points, tax_category, taxes, .. } = allowance;
        let has_rate = |line: &&Rate<'_>| line.components.is_empty() && line.basis_points == *basis_points;
        let category = match tax_category {
            _ if !taxes.is_empty() => TaxCategory::S,
            Some(category) => *category,
            None => match of_lines.iter().find(has_rate) {
                Some(line) => line.category,
                None => TaxCategory::of_rate(*basis_points),
            },
        };
        Self { basis_points: *basis_points, category, components: taxes }
    }

    /// The rate, if it can be reckoned with: it is not less than 0 and, of all components together, not more than 100 %.
    pub fn checked(self) -> Option<Self> {
        let of_components = self.components.iter().map(TaxComponent::millionths).sum::<Option<i64>>()?;
        let is_in_range = (0..=10_000).contains(&self.basis_points) && of_components <= WHOLE;
        is_in_range.then_some(self)
    }

    /// How much of a price with tax is net.
    pub fn net_share(self) -> NetShare {
        if self.components.is_empty() {
            return NetShare { net: 10_000, gross: 10_000 + i128::from(self.basis_points) };
        }
        let rates = self.components.iter().filter_map(TaxComponent::millionths).map(i128::from);
        NetShare { net: WHOLE.into(), gross: i128::from(WHOLE) + rates.sum::<i128>() }
    }
}

/// The category of a line. One that says why it is not taxed is exempt, and so are all of a seller who charges no tax.
pub fn category(line: &Line, parties: &Parties) -> TaxCategory {
    if !line.taxes.is_empty() {
        return TaxCategory::S;
    }
    let has_reason = line.exemption_reason.is_some() || line.exemption_reason_code.is_some();
    line.tax_category.unwrap_or(match line.tax_rate_basis_points {
        0 if has_reason || parties.exemption_reason.is_some() => TaxCategory::E,
        rate => TaxCategory::of_rate(rate),
    })
}
