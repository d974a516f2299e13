//! Lines, taxes and sums in UBL.

use waybill_billing::{Bill, BilledLine, TaxSum};
use waybill_contracts::{Decimal, TaxCategory};

use crate::money::{Money, accounting_amount, fixed};
use crate::xml::Xml;
use crate::{Document, Kind, Language};

pub fn allowances(xml: &mut Xml, money: &Money, bill: &Bill) {
    for (is_charge, it) in bill.allowances_and_charges() {
        allowance(xml, money, is_charge, it.net, &it.reason, |xml| {
            xml.group("cac:TaxCategory", |xml| tax_rate(xml, it.category, it.rate_basis_points));
        });
    }
}

/// Writes an allowance or a charge.
fn allowance(
    xml: &mut Xml,
    money: &Money,
    is_charge: bool,
    net: i64,
    reason: &str,
    tax: impl FnOnce(&mut Xml),
) {
    xml.group("cac:AllowanceCharge", |xml| {
        xml.text("cbc:ChargeIndicator", if is_charge { "true" } else { "false" });
        xml.text("cbc:AllowanceChargeReason", reason);
        amount(xml, money, "cbc:Amount", net);
        tax(xml);
    });
}

pub fn taxes(xml: &mut Xml, money: &Money, document: &Document) {
    let bill = &document.bill;
    xml.group("cac:TaxTotal", |xml| {
        amount(xml, money, "cbc:TaxAmount", bill.tax);
        for sum in &bill.taxes {
            xml.group("cac:TaxSubtotal", |xml| {
                amount(xml, money, "cbc:TaxableAmount", sum.net);
                amount(xml, money, "cbc:TaxAmount", sum.tax);
                xml.group("cac:TaxCategory", |xml| tax_category(xml, document, sum));
            });
        }
    });
    // The tax in the currency that the seller accounts for it in has no parts (BR-53).
    if let Some(tax) = &bill.accounting_tax {
        xml.group("cac:TaxTotal", |xml| {
            let attributes = [("currencyID", tax.currency.as_str())];
            xml.text_with("cbc:TaxAmount", &attributes, &accounting_amount(tax));
        });
    }
}

/// The category of a sum, with the reason why no tax is charged (BT-120, BT-121).
fn tax_category(xml: &mut Xml, document: &Document, sum: &TaxSum) {
    xml.text("cbc:ID", sum.category.code());
    xml.text("cbc:Percent", &fixed(sum.rate_basis_points.into(), 2));
    xml.optional("cbc:TaxExemptionReasonCode", sum.exemption_reason_code.as_deref());
    xml.optional("cbc:TaxExemptionReason", document.exemption(sum, Language::En).as_deref());
    tax_scheme(xml);
}

fn tax_rate(xml: &mut Xml, category: TaxCategory, rate_basis_points: i32) {
    xml.text("cbc:ID", category.code());
    // A line that is outside of the scope of the tax has no rate (BR-O-05); the sum of all has one of 0 %, as XRechnung wants it (BR-DE-14).
    if category != TaxCategory::O {
        xml.text("cbc:Percent", &fixed(rate_basis_points.into(), 2));
    }
    tax_scheme(xml);
}

pub fn tax_scheme(xml: &mut Xml) {
    xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
}

pub fn totals(xml: &mut Xml, money: &Money, document: &Document) {
    let bill = &document.bill;
    xml.group("cac:LegalMonetaryTotal", |xml| {
        amount(xml, money, "cbc:LineExtensionAmount", bill.line_total);
        amount(xml, money, "cbc:TaxExclusiveAmount", bill.net);
        amount(xml, money, "cbc:TaxInclusiveAmount", bill.total);
        if !bill.allowances.is_empty() {
            amount(xml, money, "cbc:AllowanceTotalAmount", bill.allowance_total);
        }
        if !bill.charges.is_empty() {
            amount(xml, money, "cbc:ChargeTotalAmount", bill.charge_total);
        }
        if !document.details.prepayments.is_empty() {
            amount(xml, money, "cbc:PrepaidAmount", document.details.prepaid());
        }
        amount(xml, money, "cbc:PayableAmount", document.due());
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
        amount(xml, money, "cbc:LineExtensionAmount", line.net);
        for (is_charge, it) in line.allowances_and_charges() {
            allowance(xml, money, is_charge, it.net, &it.reason, |_| {});
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
            let currency = [("currencyID", money.currency())];
            xml.text_with("cbc:PriceAmount", &currency, &money.price(line.price.amount));
            if line.price.per != Decimal::ONE {
                xml.text_with("cbc:BaseQuantity", &unit, &line.price.per.to_string());
            }
        });
    });
}

fn amount(xml: &mut Xml, money: &Money, name: &str, amount: i64) {
    xml.text_with(name, &[("currencyID", money.currency())], &money.amount(amount));
}
