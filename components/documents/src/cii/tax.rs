//! What has a tax category, as in UBL.

use waybill_contracts::TaxCategory;

use crate::money::{Money, fixed};
use crate::xml::Xml;

/// The category and the rate. A line that is outside of the scope of the tax has no rate (BR-O-05); the sum of all has one of 0 %, as
/// XRechnung wants it (BR-DE-14).
pub fn tax_rate(xml: &mut Xml, category: TaxCategory, rate_basis_points: i32) {
    xml.text("ram:TypeCode", "VAT");
    xml.text("ram:CategoryCode", category.code());
    if category != TaxCategory::O {
        xml.text("ram:RateApplicablePercent", &fixed(rate_basis_points.into(), 2));
    }
}

/// Writes an allowance or a charge.
pub fn allowance(
    xml: &mut Xml,
    money: &Money,
    is_charge: bool,
    net: i64,
    reason: &str,
    tax: impl FnOnce(&mut Xml),
) {
    xml.group("ram:SpecifiedTradeAllowanceCharge", |xml| {
        let indicator = if is_charge { "true" } else { "false" };
        xml.group("ram:ChargeIndicator", |xml| xml.text("udt:Indicator", indicator));
        xml.text("ram:ActualAmount", &money.amount(net));
        xml.text("ram:Reason", reason);
        tax(xml);
    });
}
