//! What an order says of its invoice besides the lines.

use waybill_contracts::{Allowance, Delivery, ExchangeRate, TaxCurrency};
use waybill_service::Fields;
use waybill_service::rules::parties::{ICD, is_located};
use waybill_service::rules::{COUNTRY, CURRENCY, Integer, Rate};
use waybill_service::text::LineOfText;

use super::line::{TAX_CATEGORY, TAX_RATE};
use super::taxes::{GivenTax, NewTax, TAXES};
use crate::customer::DATE;

/// An allowance or a charge of a new order.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewAllowance {
    /// Minor units, with or without tax as the prices are (BT-92, BT-99).
    #[rule(Integer::minor_units(1))]
    amount: i64,
    /// What it is for (BT-97, BT-104).
    #[rule(LineOfText::LONG)]
    reason: String,
    /// Basis points: 1900 is 19 % (BT-96, BT-103). Either this or `taxes`.
    #[rule(TAX_RATE)]
    tax_rate_basis_points: Option<i32>,
    /// The taxes by their own names, as of a line.
    #[rule(TAXES)]
    taxes: Option<Vec<NewTax>>,
    /// The tax category (BT-95, BT-102). Without it, that of the first line with the rate.
    #[rule(TAX_CATEGORY)]
    tax_category: Option<&'static str>,
}

/// When and where a new order was or will be delivered: on a day or in a period, or neither.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
#[fields(check = is_located(location_id, location_id_scheme))]
pub struct NewDelivery {
    /// The day (BT-72).
    #[rule(DATE)]
    date: Option<String>,
    /// The first day of a period (BT-73).
    #[rule(DATE)]
    start_date: Option<String>,
    /// The last day of a period (BT-74).
    #[rule(DATE)]
    end_date: Option<String>,
    /// The identifier of the place (BT-71), such as a GLN.
    #[rule(LineOfText::LONG, example = "4012345678901")]
    location_id: Option<String>,
    /// What that identifier is: an ISO 6523 code (ICD), such as `0088` for a GLN (BT-71-1).
    #[rule(ICD, example = "0088")]
    location_id_scheme: Option<String>,
    /// Who receives it, where it is not the customer (BT-70).
    #[rule(LineOfText::LONG)]
    name: Option<String>,
    /// Street and number (BT-75).
    #[rule(LineOfText::LONG)]
    address: Option<String>,
    /// A second line of the address (BT-76).
    #[rule(LineOfText::LONG)]
    address_line2: Option<String>,
    /// The city (BT-77).
    #[rule(LineOfText::LONG)]
    city: Option<String>,
    /// The postal code (BT-78).
    #[rule(LineOfText::SHORT)]
    zip_code: Option<String>,
    /// State, province or region (BT-79).
    #[rule(LineOfText::LONG)]
    subdivision: Option<String>,
    /// ISO 3166-1, two letters (BT-80).
    #[rule(COUNTRY)]
    country: Option<String>,
}

/// The currency in which the seller accounts for the tax of a new order.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewTaxCurrency {
    /// ISO 4217 (BT-6).
    #[rule(CURRENCY)]
    currency: String,
    /// How much of it one unit of the order's currency is.
    #[rule(Rate { max: 1_000_000 })]
    rate: ExchangeRate,
    /// Who published the rate, and of which day, as it is printed.
    #[rule(LineOfText::LONG)]
    source: String,
}

impl NewAllowance {
    pub fn tax(&self) -> GivenTax<'_> {
        GivenTax {
            rate_basis_points: self.tax_rate_basis_points,
            category: self.tax_category,
            taxes: self.taxes.as_ref(),
        }
    }
}

impl From<NewAllowance> for Allowance {
    fn from(allowance: NewAllowance) -> Self {
        let (tax_rate_basis_points, tax_category, taxes) = allowance.tax().of_contract();
        let NewAllowance { amount, reason, .. } = allowance;
        Self { amount, reason, tax_rate_basis_points, taxes, tax_category }
    }
}

impl From<NewDelivery> for Delivery {
    fn from(delivery: NewDelivery) -> Self {
        Self {
            date: delivery.date,
            start_date: delivery.start_date,
            end_date: delivery.end_date,
            location_id: delivery.location_id,
            location_id_scheme: delivery.location_id_scheme,
            name: delivery.name,
            address: delivery.address,
            address_line2: delivery.address_line2,
            city: delivery.city,
            zip_code: delivery.zip_code,
            subdivision: delivery.subdivision,
            country: delivery.country,
        }
    }
}

impl From<NewTaxCurrency> for TaxCurrency {
    fn from(NewTaxCurrency { currency, rate, source }: NewTaxCurrency) -> Self {
        Self { currency, rate, source }
    }
}
