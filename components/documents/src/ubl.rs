//! A document as UBL 2.1 by EN 16931, and by the rules of a [`Profile`].
//!
//! `BT-…` are the standard's business terms and `BR-…` its rules. The result depends neither on a language nor on anything that
//! happened after the document was issued.

use waybill_billing::{Bill, BilledLine, TaxSum};
use waybill_contracts::{Decimal, TaxCategory};

use crate::money::{Money, fixed};
use crate::parties::filled;
use crate::xml::Xml;
use crate::{Customer, Document, Endpoint, Kind, Language, Profile, Refusal, Seller};

mod head;
mod payment;

const AGGREGATES: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const BASICS: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

/// Writes the document.
///
/// # Errors
/// If the profile has no word for something, or requires what the document does not have.
pub fn render(document: &Document, profile: Profile) -> Result<Vec<u8>, Refusal> {
    let money = Money::of(document, profile)?;
    profile.check(document)?;
    let (root, namespace) = match document.kind {
        Kind::Invoice { .. } => ("Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"),
        Kind::CreditNote { .. } => {
            ("CreditNote", "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2")
        }
    };
    let namespaces = [("xmlns", namespace), ("xmlns:cac", AGGREGATES), ("xmlns:cbc", BASICS)];
    Ok(Xml::document(root, &namespaces, |xml| {
        head::head(xml, document, profile);
        seller(xml, document);
        buyer(xml, document);
        head::delivery(xml, document);
        payment::payment(xml, document);
        allowances(xml, &money, &document.bill);
        taxes(xml, &money, &document.bill);
        totals(xml, &money, &document.bill);
        for (index, line) in document.bill.lines.iter().enumerate() {
            bill_line(xml, &money, document, index + 1, line);
        }
    }))
}

fn seller(xml: &mut Xml, document: &Document) {
    let Seller { name, vat_id, address, city, zip_code, country, email, contact, phone, .. } =
        &document.seller;
    xml.group("cac:AccountingSupplierParty", |xml| {
        xml.group("cac:Party", |xml| {
            endpoint(xml, document.seller_endpoint());
            xml.group("cac:PartyName", |xml| xml.text("cbc:Name", name));
            xml.group("cac:PostalAddress", |xml| {
                xml.text("cbc:StreetName", address);
                xml.text("cbc:CityName", city);
                xml.text("cbc:PostalZone", zip_code);
                xml.group("cac:Country", |xml| xml.text("cbc:IdentificationCode", country));
            });
            xml.group("cac:PartyTaxScheme", |xml| {
                xml.text("cbc:CompanyID", vat_id);
                tax_scheme(xml);
            });
            xml.group("cac:PartyLegalEntity", |xml| xml.text("cbc:RegistrationName", name));
            xml.group("cac:Contact", |xml| {
                xml.optional("cbc:Name", filled(contact.as_ref()));
                xml.optional("cbc:Telephone", filled(phone.as_ref()));
                xml.text("cbc:ElectronicMail", email);
            });
        });
    });
}

fn buyer(xml: &mut Xml, document: &Document) {
    let Customer { email, address, state, zip_code, .. } = &document.customer;
    let email = filled(email.as_ref());
    xml.group("cac:AccountingCustomerParty", |xml| {
        xml.group("cac:Party", |xml| {
            // The buyer's address is optional in EN 16931, and older events have none.
            endpoint(xml, document.buyer_endpoint());
            xml.group("cac:PartyIdentification", |xml| xml.text("cbc:ID", &document.customer_id));
            xml.group("cac:PostalAddress", |xml| {
                xml.optional("cbc:StreetName", filled(address.as_ref()));
                xml.optional("cbc:CityName", filled(state.as_ref()));
                xml.optional("cbc:PostalZone", filled(zip_code.as_ref()));
                xml.group("cac:Country", |xml| {
                    xml.text("cbc:IdentificationCode", document.buyer_country());
                });
            });
            xml.group("cac:PartyLegalEntity", |xml| {
                xml.text("cbc:RegistrationName", document.buyer_name());
            });
            if let Some(email) = email {
                xml.group("cac:Contact", |xml| xml.text("cbc:ElectronicMail", email));
            }
        });
    });
}

fn endpoint(xml: &mut Xml, endpoint: Option<Endpoint>) {
    if let Some(Endpoint { scheme, id }) = endpoint {
        xml.text_with("cbc:EndpointID", &[("schemeID", &scheme)], &id);
    }
}

fn allowances(xml: &mut Xml, money: &Money, bill: &Bill) {
    let all = bill.allowances.iter().map(|it| (false, it)).chain(bill.charges.iter().map(|it| (true, it)));
    for (is_charge, allowance) in all {
        xml.group("cac:AllowanceCharge", |xml| {
            xml.text("cbc:ChargeIndicator", if is_charge { "true" } else { "false" });
            xml.text("cbc:AllowanceChargeReason", &allowance.reason);
            amount(xml, money, "cbc:Amount", allowance.net);
            xml.group("cac:TaxCategory", |xml| {
                tax_rate(xml, allowance.category, allowance.rate_basis_points);
            });
        });
    }
}

fn taxes(xml: &mut Xml, money: &Money, bill: &Bill) {
    xml.group("cac:TaxTotal", |xml| {
        amount(xml, money, "cbc:TaxAmount", bill.tax);
        for sum in &bill.taxes {
            xml.group("cac:TaxSubtotal", |xml| {
                amount(xml, money, "cbc:TaxableAmount", sum.net);
                amount(xml, money, "cbc:TaxAmount", sum.tax);
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

fn tax_scheme(xml: &mut Xml) {
    xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
}

fn totals(xml: &mut Xml, money: &Money, bill: &Bill) {
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
        amount(xml, money, "cbc:PayableAmount", bill.total);
    });
}

fn bill_line(xml: &mut Xml, money: &Money, document: &Document, number: usize, line: &BilledLine) {
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
        let all =
            line.allowances.iter().map(|it| (false, it)).chain(line.charges.iter().map(|it| (true, it)));
        for (is_charge, allowance) in all {
            xml.group("cac:AllowanceCharge", |xml| {
                xml.text("cbc:ChargeIndicator", if is_charge { "true" } else { "false" });
                xml.text("cbc:AllowanceChargeReason", &allowance.reason);
                amount(xml, money, "cbc:Amount", allowance.net);
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

#[cfg(test)]
mod tests;
