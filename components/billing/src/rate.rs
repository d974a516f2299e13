//! Tax rates and categories of lines, allowances and charges.

use waybill_contracts::{Allowance, Line, TaxCategory};

use crate::Parties;

/// A tax rate with its category. Sorts by the rate first.
pub type Rate = (i32, TaxCategory);

/// The category of a line. One that says why it is not taxed is exempt, and so are all of a seller who charges no tax.
pub fn category(line: &Line, parties: &Parties) -> TaxCategory {
    let has_reason = line.exemption_reason.is_some() || line.exemption_reason_code.is_some();
    line.tax_category.unwrap_or(match line.tax_rate_basis_points {
        0 if has_reason || parties.exemption_reason.is_some() => TaxCategory::E,
        rate => TaxCategory::of_rate(rate),
    })
}

/// The rate and category of an allowance or charge: those of the first line with its rate, where it gives no category.
pub fn rate_of_allowance(allowance: &Allowance, of_lines: &[Rate]) -> Rate {
    let rate = allowance.tax_rate_basis_points;
    let of_line = of_lines.iter().find(|of_line| of_line.0 == rate);
    let category = allowance.tax_category.or(of_line.map(|of_line| of_line.1));
    (rate, category.unwrap_or_else(|| TaxCategory::of_rate(rate)))
}
