//! The rules of taxes by their own names.

use std::fmt::Arguments;

use waybill_contracts::{Allowance, Decimal, InvoiceDetails, Line, TaxCategory, TaxComponent};

use super::Faults;
use crate::components::comparable;

/// The most such taxes on one amount.
pub const MAX_COMPONENTS: usize = 5;

impl Faults {
    /// The rate and category of a line, an allowance or a charge, and the taxes in their place.
    pub(super) fn of_taxes(
        &mut self,
        at: Arguments<'_>,
        basis_points: i32,
        category: Option<TaxCategory>,
        taxes: &[TaxComponent],
    ) {
        if taxes.is_empty() {
            return self.of_rate(at, basis_points, category);
        }
        self.check(
            taxes.len() <= MAX_COMPONENTS,
            format_args!("{at}.taxes"),
            format_args!("must be at most {MAX_COMPONENTS}"),
        );
        for (index, tax) in taxes.iter().enumerate() {
            self.check(
                tax.millionths().is_some(),
                format_args!("{at}.taxes[{index}].rateBasisPoints"),
                "must be more than 0, and at most 10000: 997.5 is 9.975 %",
            );
            let is_same = |other: &TaxComponent| comparable(&other.name) == comparable(&tax.name);
            self.check(
                !taxes[..index].iter().take(MAX_COMPONENTS).any(is_same),
                format_args!("{at}.taxes[{index}].name"),
                "must not be repeated",
            );
        }
        let rates = taxes.iter().filter(|tax| tax.millionths().is_some()).map(|tax| tax.rate_basis_points);
        self.check(
            rates.fold(Decimal::default(), Decimal::plus) <= Decimal::from(10_000),
            format_args!("{at}.taxes"),
            "must be at most 10000 basis points together",
        );
        self.check(
            basis_points == 0,
            format_args!("{at}.taxRateBasisPoints"),
            "must be 0 where there are taxes",
        );
        self.check(
            matches!(category, None | Some(TaxCategory::S)),
            format_args!("{at}.taxCategory"),
            "must be left out, or S, where there are taxes",
        );
    }

    /// A rate without a name beside taxes with names would be VAT, which no such document has.
    pub(super) fn of_names(&mut self, lines: &[Line], details: &InvoiceDetails) {
        let InvoiceDetails { allowances, charges, .. } = details;
        let of_lines = of("lines", lines, |line| (line.tax_rate_basis_points, &line.taxes));
        let of_allowances =
            |name, given| of(name, given, |it: &Allowance| (it.tax_rate_basis_points, &it.taxes));
        let all =
            of_lines.chain(of_allowances("allowances", allowances)).chain(of_allowances("charges", charges));
        if all.clone().all(|(_, _, (_, taxes))| taxes.is_empty()) {
            return;
        }
        for (name, index, (basis_points, taxes)) in all {
            self.check(
                !taxes.is_empty() || basis_points == 0,
                format_args!("{name}[{index}].taxRateBasisPoints"),
                "must be 0 where others have taxes: say it in taxes",
            );
        }
    }
}

/// The place, rate and taxes of each.
fn of<'a, T>(
    name: &'static str,
    given: &'a [T],
    taxes: impl Fn(&'a T) -> (i32, &'a Vec<TaxComponent>) + Clone,
) -> impl Iterator<Item = (&'static str, usize, (i32, &'a Vec<TaxComponent>))> + Clone {
    given.iter().enumerate().map(move |(index, it)| (name, index, taxes(it)))
}
