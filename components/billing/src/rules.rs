//! Which orders can be billed.

use std::collections::BTreeMap;
use std::fmt::{Arguments, Display};

use waybill_contracts::{
    Allowance, Decimal, Delivery, InvoiceDetails, Line, LineAllowance, MAX_AMOUNT, TaxCategory, TaxComponent,
    is_country, minor_unit_digits,
};

use crate::codes::{EXEMPTION_RULE, UNIT_RULE, category_of_code, is_exemption_code, is_unit_code};
use crate::components::is_same_tax;
use crate::compute::is_tax_accountable;
use crate::fault::Fault;
use crate::rate::{Rate, category};
use crate::{Destination, Parties};

mod components;
mod payment;

pub use self::components::MAX_COMPONENTS;
pub use self::payment::{
    MAX_ACCOUNTS, MAX_CASH_DISCOUNTS, MAX_DISCOUNT_DAYS, cash_discount_fault, is_payable_by, may_be_tax_in,
};

/// The most lines of an order.
pub const MAX_LINES: usize = 200;

/// The most units of a line.
pub const MAX_QUANTITY: i64 = 1_000_000_000;

/// The most allowances, and the most charges, of a line and of a document.
pub const MAX_ALLOWANCES: usize = 50;

/// All faults of an order's lines and details, whichever parties sell and buy.
pub fn faults(currency: &str, lines: &[Line], details: &InvoiceDetails) -> Vec<Fault> {
    let mut faults = Faults(Vec::new());
    faults.of_payment(currency, details);
    for (index, line) in lines.iter().enumerate() {
        faults.of_line(format_args!("lines[{index}]"), line);
    }
    faults.of_reasons(lines);
    faults.of_names(lines, details);
    faults.of_categories(lines, details);
    faults.of_details(lines, details);
    faults.of_tax_currency(currency, lines, details);
    faults.0
}

struct Faults(Vec<Fault>);

impl Faults {
    /// Field and rule are written only where the rule is broken: an order of many lines is checked by some thousand of them.
    fn check(&mut self, is_kept: bool, field: impl Display, rule: impl Display) {
        if !is_kept {
            self.0.push(Fault::new(field.to_string(), rule.to_string()));
        }
    }

    fn of_line(&mut self, at: Arguments<'_>, line: &Line) {
        let is_countable = !line.quantity.is_zero() && line.quantity.abs() <= Decimal::from(MAX_QUANTITY);
        self.check(
            is_countable,
            format_args!("{at}.quantity"),
            format_args!("must be from -{MAX_QUANTITY} to {MAX_QUANTITY}, and not 0"),
        );
        self.check(!line.unit_price.is_negative(), format_args!("{at}.unitPrice"), "must be 0 or more");
        let unit = line.unit_code.as_deref();
        self.check(unit.is_none_or(is_unit_code), format_args!("{at}.unitCode"), UNIT_RULE);
        self.of_taxes(at, line.tax_rate_basis_points, line.tax_category, &line.taxes);
        let code = line.exemption_reason_code.as_deref();
        self.check(
            code.is_none_or(is_exemption_code),
            format_args!("{at}.exemptionReasonCode"),
            EXEMPTION_RULE,
        );
        let has_reason = line.exemption_reason.is_some() || code.is_some();
        self.check(
            has_reason || line.tax_category != Some(TaxCategory::E),
            format_args!("{at}.exemptionReason"),
            "or exemptionReasonCode is required in category E",
        );
        let is_taxed = line.tax_rate_basis_points != 0 || !line.taxes.is_empty();
        let is_free = !is_taxed && !matches!(line.tax_category, Some(TaxCategory::Z));
        self.check(
            !has_reason || is_free,
            format_args!("{at}.exemptionReason"),
            "must be left out where tax is charged, or zero rated",
        );
        for (name, allowances) in [("allowances", &line.allowances), ("charges", &line.charges)] {
            self.check(
                allowances.len() <= MAX_ALLOWANCES,
                format_args!("{at}.{name}"),
                format_args!("must be at most {MAX_ALLOWANCES}"),
            );
            for (index, LineAllowance { amount, .. }) in allowances.iter().enumerate() {
                self.of_amount(format_args!("{at}.{name}[{index}].amount"), *amount);
            }
        }
    }

    fn of_amount(&mut self, field: impl Display, amount: i64) {
        self.check(
            (1..=MAX_AMOUNT).contains(&amount),
            field,
            format_args!("must be from 1 to {MAX_AMOUNT} minor units"),
        );
    }

    fn of_rate(&mut self, at: Arguments<'_>, basis_points: i32, category: Option<TaxCategory>) {
        self.check(
            (0..=10_000).contains(&basis_points),
            format_args!("{at}.taxRateBasisPoints"),
            "must be from 0 to 10000: 1900 is 19 %",
        );
        match category {
            Some(TaxCategory::S) => self.check(
                basis_points > 0,
                format_args!("{at}.taxRateBasisPoints"),
                "must be more than 0 in category S",
            ),
            Some(category) => self.check(
                basis_points == 0,
                format_args!("{at}.taxRateBasisPoints"),
                format_args!("must be 0 in category {}", category.code()),
            ),
            None => {}
        }
    }

    /// Lines of one category share one reason: an invoice states one for each (BT-120).
    fn of_reasons(&mut self, lines: &[Line]) {
        let mut stated = BTreeMap::new();
        for (index, line) in lines.iter().enumerate() {
            let reason = (&line.exemption_reason, &line.exemption_reason_code);
            if reason == (&None, &None) {
                continue;
            }
            let category = category(line, &Parties::default());
            let first = *stated.entry(category).or_insert(reason);
            self.check(
                first == reason,
                format_args!("lines[{index}].exemptionReason"),
                "must be the same for all lines of a tax category",
            );
            // Where no reason may be, `of_line` says so.
            let has_reasons = !matches!(category, TaxCategory::S | TaxCategory::Z);
            let of_code = line.exemption_reason_code.as_deref().map(category_of_code);
            let is_named = line.tax_category.is_some();
            let (rule, named) = match of_code {
                Some(of_code) if !is_named => ("needs taxCategory", of_code),
                _ => ("must be a code of category", category),
            };
            self.check(
                !has_reasons || of_code.is_none_or(|of_code| of_code == category),
                format_args!("lines[{index}].exemptionReasonCode"),
                format_args!("{rule} {}", named.code()),
            );
        }
    }

    /// An allowance or charge without tax has the category of a line, which says why. Category O excludes all others (BR-O-11 to
    /// BR-O-14).
    fn of_categories(&mut self, lines: &[Line], details: &InvoiceDetails) {
        let parties = Parties::default();
        let of_lines: Vec<Rate<'_>> = lines.iter().map(|line| Rate::of_line(line, &parties)).collect();
        let has = |category| of_lines.iter().any(|rate| rate.category == category);
        let mut are_outside: Vec<bool> =
            of_lines.iter().map(|rate| rate.category == TaxCategory::O).collect();
        let has_rate = |rate: &Rate<'_>| {
            let is_same = |line: &Rate<'_>| {
                let is_category = line.category == rate.category;
                is_category && line.basis_points == rate.basis_points && line.components.is_empty()
            };
            let has = |tax: &TaxComponent| {
                of_lines.iter().flat_map(|line| line.components).any(|of_line| is_same_tax(of_line, tax))
            };
            match rate.components {
                [] => of_lines.iter().any(is_same),
                components => components.iter().all(has),
            }
        };
        for (name, allowances) in [("allowances", &details.allowances), ("charges", &details.charges)] {
            for (index, allowance) in allowances.iter().enumerate() {
                let rate = Rate::of_allowance(allowance, &of_lines);
                let category = rate.category;
                are_outside.push(category == TaxCategory::O);
                self.check(
                    matches!(category, TaxCategory::S | TaxCategory::Z) || has(category),
                    format_args!("{name}[{index}].taxCategory"),
                    "must be S, Z or the category of a line",
                );
                // Of a rate that nothing was sold at there is nothing to take off (VAT Directive, art. 79 and 90). That of zero claims
                // that something is taxed at zero, which few countries do.
                let is_stated = rate.basis_points > 0 || allowance.tax_category.is_some();
                let is_stated = is_stated || !rate.components.is_empty();
                let member = if rate.components.is_empty() { "taxRateBasisPoints" } else { "taxes" };
                self.check(
                    has_rate(&rate) || lines.is_empty() || (name == "charges" && is_stated),
                    format_args!("{name}[{index}].{member}"),
                    if name == "charges" {
                        "must be that of a line, or have a taxCategory, where it is 0"
                    } else {
                        "must be that of a line"
                    },
                );
            }
        }
        let is_one_kind = are_outside.iter().all(|is_outside| *is_outside == are_outside[0]);
        self.check(
            is_one_kind,
            "lines",
            "must all be in category O if one is, and allowances and charges too",
        );
    }

    fn of_tax_currency(&mut self, currency: &str, lines: &[Line], details: &InvoiceDetails) {
        let Some(tax) = &details.tax_currency else { return };
        self.check(!lines.is_empty(), "taxCurrency", "must be left out of an order without lines");
        let is_active = minor_unit_digits(&tax.currency).is_some();
        self.check(
            is_active && tax.currency != currency,
            "taxCurrency.currency",
            "must be the ISO 4217 code of an active currency, and not that of the order",
        );
        self.check(
            is_tax_accountable(currency, lines, details),
            "taxCurrency.rate",
            format_args!("must give a tax of at most {MAX_AMOUNT} minor units"),
        );
    }

    fn of_details(&mut self, lines: &[Line], details: &InvoiceDetails) {
        for (name, allowances) in [("allowances", &details.allowances), ("charges", &details.charges)] {
            let are_few = allowances.len() <= MAX_ALLOWANCES && (allowances.is_empty() || !lines.is_empty());
            self.check(
                are_few,
                name,
                format_args!("must be at most {MAX_ALLOWANCES}, of an order with lines"),
            );
            for (index, Allowance { amount, tax_rate_basis_points, tax_category, taxes, .. }) in
                allowances.iter().enumerate()
            {
                self.of_amount(format_args!("{name}[{index}].amount"), *amount);
                let at = format_args!("{name}[{index}]");
                self.of_taxes(at, *tax_rate_basis_points, *tax_category, taxes);
            }
        }
        self.check(
            !details.prices_include_tax || !lines.is_empty(),
            "pricesIncludeTax",
            "must be left out of an order without lines",
        );
        let delivery = details.delivery.as_ref();
        if let Some(delivery) = delivery {
            let is_period = delivery.start_date.is_some() || delivery.end_date.is_some();
            self.check(
                delivery.date.is_none() || !is_period,
                "delivery.date",
                "must be left out where there is a startDate or endDate",
            );
            let (start, end) = (&delivery.start_date, &delivery.end_date);
            let is_forward = start.as_ref().zip(end.as_ref()).is_none_or(|(start, end)| start <= end);
            self.check(is_forward, "delivery.endDate", "must not be before startDate");
            let country = delivery.country.as_deref();
            self.check(
                country.is_none_or(is_country),
                "delivery.country",
                "must be the ISO 3166-1 code of a country",
            );
            let Delivery { address, address_line2, city, zip_code, subdivision, .. } = delivery;
            let has_address =
                [address, address_line2, city, zip_code, subdivision].iter().any(|part| part.is_some());
            self.check(!has_address || country.is_some(), "delivery.country", "is required in an address");
        }
        // An allowance or charge of category K has such a line beside it.
        let has_goods_within = lines.iter().any(|line| line.tax_category == Some(TaxCategory::K));
        let has_day =
            delivery.is_some_and(|it| it.date.is_some() || it.start_date.is_some() || it.end_date.is_some());
        self.check(!has_goods_within || has_day, "delivery.date", "is required for category K");
        let is_outside = |place: Destination| !place.may_be_in_union();
        let place = || delivery.and_then(|it| Destination::of(it.country.as_ref(), it.zip_code.as_ref()));
        self.check(
            !has_goods_within || !place().is_some_and(is_outside),
            "delivery.country",
            "must be a member state of the European Union, or in Northern Ireland, for category K",
        );
    }
}
