//! Lines, taxes and sums in UBL.

use waybill_billing::{Bill, BilledLine, TaxSum};
use waybill_contracts::{Decimal, TaxCategory};

use super::xml::Xml;
use crate::{Document, Kind, Language};

/// The most fraction digits of an amount (BR-DEC-…).
const MAX_DIGITS: usize = 2;

/// An amount of the document has more fraction digits than EN 16931 allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "EN 16931 knows two digits after the decimal point, and this document has an amount in {currency} with more"
)]
pub struct TooPrecise {
    /// The document's currency.
    pub currency: String,
}

pub fn allowances(xml: &mut Xml, money: &Money, bill: &Bill) {
    let all = bill.allowances.iter().map(|it| (false, it)).chain(bill.charges.iter().map(|it| (true, it)));
    for (is_charge, allowance) in all {
        xml.group("cac:AllowanceCharge", |xml| {
            xml.text("cbc:ChargeIndicator", if is_charge { "true" } else { "false" });
            xml.text("cbc:AllowanceChargeReason", &allowance.reason);
            money.write(xml, "cbc:Amount", allowance.net);
            xml.group("cac:TaxCategory", |xml| {
                tax_rate(xml, allowance.category, allowance.rate_basis_points);
            });
        });
    }
}

pub fn taxes(xml: &mut Xml, money: &Money, bill: &Bill) {
    xml.group("cac:TaxTotal", |xml| {
        money.write(xml, "cbc:TaxAmount", bill.tax);
        for sum in &bill.taxes {
            xml.group("cac:TaxSubtotal", |xml| {
                money.write(xml, "cbc:TaxableAmount", sum.net);
                money.write(xml, "cbc:TaxAmount", sum.tax);
                xml.group("cac:TaxCategory", |xml| tax_category(xml, sum));
            });
        }
    });
    // The tax in the currency that the seller accounts for it in has no parts (BR-53).
    if let Some(tax) = &bill.accounting_tax {
        let digits = waybill_contracts::minor_unit_digits(&tax.currency).unwrap_or(2);
        xml.group("cac:TaxTotal", |xml| {
            let attributes = [("currencyID", tax.currency.as_str())];
            xml.text_with("cbc:TaxAmount", &attributes, &fixed(tax.tax, digits));
        });
    }
}

/// The category of a sum, with the reason why no tax is charged (BT-120, BT-121).
fn tax_category(xml: &mut Xml, sum: &TaxSum) {
    xml.text("cbc:ID", sum.category.code());
    percent(xml, sum.category, sum.rate_basis_points);
    xml.optional("cbc:TaxExemptionReasonCode", sum.exemption_reason_code.as_deref());
    xml.optional("cbc:TaxExemptionReason", Language::En.exemption(sum).as_deref());
    tax_scheme(xml);
}

fn tax_rate(xml: &mut Xml, category: TaxCategory, rate_basis_points: i32) {
    xml.text("cbc:ID", category.code());
    percent(xml, category, rate_basis_points);
    tax_scheme(xml);
}

/// What is outside of the scope of the tax has no rate (BR-O-05).
fn percent(xml: &mut Xml, category: TaxCategory, rate_basis_points: i32) {
    if category != TaxCategory::O {
        xml.text("cbc:Percent", &fixed(rate_basis_points.into(), 2));
    }
}

pub fn tax_scheme(xml: &mut Xml) {
    xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
}

pub fn totals(xml: &mut Xml, money: &Money, bill: &Bill) {
    xml.group("cac:LegalMonetaryTotal", |xml| {
        money.write(xml, "cbc:LineExtensionAmount", bill.line_total);
        money.write(xml, "cbc:TaxExclusiveAmount", bill.net);
        money.write(xml, "cbc:TaxInclusiveAmount", bill.total);
        if !bill.allowances.is_empty() {
            money.write(xml, "cbc:AllowanceTotalAmount", bill.allowance_total);
        }
        if !bill.charges.is_empty() {
            money.write(xml, "cbc:ChargeTotalAmount", bill.charge_total);
        }
        money.write(xml, "cbc:PayableAmount", bill.total);
    });
}

pub fn bill_line(xml: &mut Xml, money: &Money, document: &Document, number: usize, line: &BilledLine) {
    let (element, quantity) = match document.kind {
        Kind::Invoice { .. } => ("cac:InvoiceLine", "cbc:InvoicedQuantity"),
        Kind::CreditNote { .. } => ("cac:CreditNoteLine", "cbc:CreditedQuantity"),
    };
    let unit = [("unitCode", line.unit_code.as_str())];
    xml.group(element, |xml| {
        xml.text("cbc:ID", &number.to_string());
        xml.optional("cbc:Note", line.item.as_ref().and_then(|item| item.note.as_deref()));
        xml.text_with(quantity, &unit, &line.quantity.to_string());
        money.write(xml, "cbc:LineExtensionAmount", line.net);
        let all =
            line.allowances.iter().map(|it| (false, it)).chain(line.charges.iter().map(|it| (true, it)));
        for (is_charge, allowance) in all {
            xml.group("cac:AllowanceCharge", |xml| {
                xml.text("cbc:ChargeIndicator", if is_charge { "true" } else { "false" });
                xml.text("cbc:AllowanceChargeReason", &allowance.reason);
                money.write(xml, "cbc:Amount", allowance.net);
            });
        }
        xml.group("cac:Item", |xml| {
            match &line.item {
                Some(item) => {
                    xml.text("cbc:Name", &item.description);
                    if let Some(id) = &item.buyer_id {
                        xml.group("cac:BuyersItemIdentification", |xml| xml.text("cbc:ID", id));
                    }
                    if !item.sku.is_empty() {
                        xml.group("cac:SellersItemIdentification", |xml| xml.text("cbc:ID", &item.sku));
                    }
                }
                None => xml.text("cbc:Name", &format!("Order {}", document.order_id)),
            }
            let category = "cac:ClassifiedTaxCategory";
            xml.group(category, |xml| tax_rate(xml, line.category, line.rate_basis_points));
        });
        xml.group("cac:Price", |xml| {
            money.write_price(xml, line.price.amount);
            if line.price.per != Decimal::ONE {
                xml.text_with("cbc:BaseQuantity", &unit, &line.price.per.to_string());
            }
        });
    });
}

/// How amounts are written.
pub struct Money<'a> {
    currency: &'a str,
    digits: usize,
}

impl Money<'_> {
    pub fn of(document: &Document) -> Result<Money<'_>, TooPrecise> {
        let Document { currency, bill, .. } = document;
        let digits = waybill_contracts::minor_unit_digits(currency).unwrap_or(2);
        let smallest = 10_i64.pow(u32::try_from(digits.saturating_sub(MAX_DIGITS)).unwrap_or(0));
        if bill.amounts().all(|amount| amount % smallest == 0) {
            Ok(Money { currency, digits })
        } else {
            Err(TooPrecise { currency: currency.clone() })
        }
    }

    fn write(&self, xml: &mut Xml, name: &str, amount: i64) {
        let mut text = fixed(amount, self.digits);
        // Only zeros are cut off: `Money` is not made otherwise.
        text.truncate(text.len() - self.digits.saturating_sub(MAX_DIGITS));
        xml.text_with(name, &[("currencyID", self.currency)], &text);
    }

    /// A price, which may have any number of fraction digits.
    fn write_price(&self, xml: &mut Xml, price: Decimal) {
        let attributes = [("currencyID", self.currency)];
        let price = price.shifted(-i32::try_from(self.digits).unwrap_or(2));
        xml.text_with("cbc:PriceAmount", &attributes, &price);
    }
}

/// Formats an integer of the smallest unit with this many fraction digits.
fn fixed(number: i64, digits: usize) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let all = format!("{:0>width$}", number.unsigned_abs(), width = digits + 1);
    let (whole, fraction) = all.split_at(all.len() - digits);
    if digits == 0 { format!("{sign}{all}") } else { format!("{sign}{whole}.{fraction}") }
}
