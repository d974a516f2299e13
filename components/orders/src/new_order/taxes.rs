//! The tax of a line, an allowance or a charge of a new order: a rate of VAT, or taxes by their own names.

use waybill_billing::MAX_COMPONENTS;
use waybill_contracts::{Decimal, TaxCategory, TaxComponent};
use waybill_service::rules::{Items, Number};
use waybill_service::text::LineOfText;
use waybill_service::{FieldError, Fields};

/// A tax of a new order that has a name of its own: GST, PST, a state's sales tax.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewTax {
    /// The name, as it is printed.
    #[rule(LineOfText::CODE)]
    name: String,
    /// Basis points and parts of them: 500 is 5 %, 997.5 is 9.975 %.
    #[rule(Number::new(0, 10_000).not_zero())]
    rate_basis_points: Decimal,
}

pub const TAXES: Items<NewTax> = Items::up_to(MAX_COMPONENTS, "taxes");

/// What a line, an allowance or a charge says of its tax.
pub struct GivenTax<'a> {
    pub rate_basis_points: Option<i32>,
    pub category: Option<&'static str>,
    pub taxes: Option<&'a Vec<NewTax>>,
}

impl GivenTax<'_> {
    /// The rate, category and taxes of the contract, which has a rate and, with taxes, the category S.
    pub fn of_contract(&self) -> (i32, Option<TaxCategory>, Vec<TaxComponent>) {
        match self.taxes {
            Some(taxes) => (0, Some(TaxCategory::S), taxes.iter().map(TaxComponent::from).collect()),
            None => {
                (self.rate_basis_points.unwrap_or(0), self.category.and_then(TaxCategory::of), Vec::new())
            }
        }
    }

    fn faults(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let of_rate = match (self.rate_basis_points, self.taxes) {
            (None, None) => Some("is required where there are no taxes"),
            (Some(_), Some(_)) => Some("must be left out where there are taxes"),
            _ => None,
        };
        let has_both = self.category.is_some() && self.taxes.is_some();
        let of_category = has_both.then_some("must be left out where there are taxes");
        of_rate
            .map(|rule| ("taxRateBasisPoints", rule))
            .into_iter()
            .chain(of_category.map(|rule| ("taxCategory", rule)))
    }
}

impl From<&NewTax> for TaxComponent {
    fn from(NewTax { name, rate_basis_points }: &NewTax) -> Self {
        Self { name: name.clone(), rate_basis_points: *rate_basis_points }
    }
}

/// The lines, allowances or charges that do not say exactly one of a rate and taxes; `name` is the member that has them.
pub fn faults<'a>(name: &str, given: impl Iterator<Item = GivenTax<'a>>) -> Vec<FieldError> {
    let faults = given.enumerate().flat_map(|(index, tax)| {
        let faults: Vec<_> = tax.faults().collect();
        faults.into_iter().map(move |fault| (index, fault))
    });
    let error = |(index, (field, rule)): (usize, (&str, &'static str))| FieldError {
        field: format!("{name}[{index}].{field}").into(),
        rule: rule.into(),
    };
    faults.map(error).collect()
}
