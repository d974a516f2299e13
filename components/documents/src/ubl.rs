//! A document as UBL 2.1 by EN 16931, in the form of Peppol BIS Billing 3.0.
//!
//! `BT-…` are the standard's business terms and `BR-…` its rules. The result depends neither on a language nor on anything that
//! happened after the document was issued.

use waybill_billing::{Bill, BilledLine, TaxSum};
use waybill_contracts::{Decimal, TaxCategory};
use xml::Xml;

use crate::parties::filled;
use crate::{Customer, Document, Kind, Language, Seller};

mod xml;

/// The specification identifier (BT-24).
const RULES: &str = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";

/// The business process type (BT-23).
const PROCESS: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";

const AGGREGATES: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const BASICS: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

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

/// Writes the document.
///
/// A currency with three or four fraction digits is written with two if no amount needs more; rounding would change the amount
/// due.
pub fn render(document: &Document) -> Result<Vec<u8>, TooPrecise> {
    let money = Money::of(document)?;
    let (root, namespace) = match document.kind {
        Kind::Invoice { .. } => ("Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"),
        Kind::CreditNote { .. } => {
            ("CreditNote", "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2")
        }
    };
    let namespaces = [("xmlns", namespace), ("xmlns:cac", AGGREGATES), ("xmlns:cbc", BASICS)];
    Ok(Xml::document(root, &namespaces, |xml| {
        head(xml, document);
        seller(xml, &document.seller);
        buyer(xml, document);
        payment(xml, document);
        allowances(xml, &money, &document.bill);
        taxes(xml, &money, &document.bill);
        totals(xml, &money, &document.bill);
        for (index, line) in document.bill.lines.iter().enumerate() {
            bill_line(xml, &money, document, index + 1, line);
        }
    }))
}

fn head(xml: &mut Xml, document: &Document) {
    xml.text("cbc:CustomizationID", RULES);
    xml.text("cbc:ProfileID", PROCESS);
    xml.text("cbc:ID", &document.number);
    xml.text("cbc:IssueDate", &document.issued_on.to_string());
    // 380 and 381 are an invoice and a credit note in UNTDID 1001.
    match &document.kind {
        Kind::Invoice { due_on } => {
            xml.text("cbc:DueDate", &due_on.to_string());
            xml.text("cbc:InvoiceTypeCode", "380");
        }
        Kind::CreditNote { .. } => xml.text("cbc:CreditNoteTypeCode", "381"),
    }
    if document.seller.is_specimen {
        xml.text("cbc:Note", Language::En.words().specimen);
    }
    xml.text("cbc:DocumentCurrencyCode", &document.currency);
    xml.optional(
        "cbc:TaxCurrencyCode",
        document.bill.accounting_tax.as_ref().map(|tax| tax.currency.as_str()),
    );
    xml.text("cbc:BuyerReference", &document.customer_id);
    xml.group("cac:OrderReference", |xml| xml.text("cbc:ID", &document.order_id));
    if let Kind::CreditNote { invoice_number, invoice_issued_on } = &document.kind {
        xml.group("cac:BillingReference", |xml| {
            xml.group("cac:InvoiceDocumentReference", |xml| {
                xml.text("cbc:ID", invoice_number);
                xml.text("cbc:IssueDate", &invoice_issued_on.to_string());
            });
        });
    }
}

fn seller(xml: &mut Xml, seller: &Seller) {
    let Seller { name, vat_id, address, city, zip_code, country, email, contact, phone, .. } = seller;
    xml.group("cac:AccountingSupplierParty", |xml| {
        xml.group("cac:Party", |xml| {
            endpoint(xml, email);
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
    let Customer { email, address, state, zip_code, country, .. } = &document.customer;
    let email = filled(email.as_ref());
    xml.group("cac:AccountingCustomerParty", |xml| {
        xml.group("cac:Party", |xml| {
            // The buyer's address is optional in EN 16931, and older events have none.
            if let Some(email) = email {
                endpoint(xml, email);
            }
            xml.group("cac:PartyIdentification", |xml| xml.text("cbc:ID", &document.customer_id));
            xml.group("cac:PostalAddress", |xml| {
                xml.optional("cbc:StreetName", filled(address.as_ref()));
                xml.optional("cbc:CityName", filled(state.as_ref()));
                xml.optional("cbc:PostalZone", filled(zip_code.as_ref()));
                xml.group("cac:Country", |xml| {
                    // The buyer's country is mandatory (BR-11); if it is unknown, the seller's is the likeliest.
                    let country = filled(country.as_ref()).unwrap_or(&document.seller.country);
                    xml.text("cbc:IdentificationCode", country);
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

/// An electronic address; `EM` is the EAS code for e-mail. It is not valid in Peppol's network (rule PEPPOL-EN16931-CL008), where
/// customers that are known by an e-mail address are not registered.
fn endpoint(xml: &mut Xml, email: &str) {
    xml.text_with("cbc:EndpointID", &[("schemeID", "EM")], email);
}

fn payment(xml: &mut Xml, document: &Document) {
    let Seller { iban, bic, .. } = &document.seller;
    let is_invoice = matches!(document.kind, Kind::Invoice { .. });
    let account = filled(iban.as_ref()).filter(|_| is_invoice);
    xml.group("cac:PaymentMeans", |xml| {
        // UNTDID 4461: SEPA transfer, credit transfer, and undefined means, which need no account (BR-61).
        let code = match account {
            Some(_) if document.currency == "EUR" => "58",
            Some(_) => "30",
            None => "1",
        };
        xml.text("cbc:PaymentMeansCode", code);
        xml.text("cbc:PaymentID", &document.number);
        if let Some(account) = account {
            xml.group("cac:PayeeFinancialAccount", |xml| {
                xml.text("cbc:ID", account);
                if let Some(bic) = filled(bic.as_ref()) {
                    xml.group("cac:FinancialInstitutionBranch", |xml| xml.text("cbc:ID", bic));
                }
            });
        }
    });
    // An amount has a due date or terms (BR-CO-25), and a credit note has no due date.
    if let Kind::CreditNote { invoice_number, .. } = &document.kind {
        xml.group("cac:PaymentTerms", |xml| {
            xml.text("cbc:Note", &format!("Takes back invoice {invoice_number} in full."));
        });
    }
}

fn allowances(xml: &mut Xml, money: &Money, bill: &Bill) {
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

fn taxes(xml: &mut Xml, money: &Money, bill: &Bill) {
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

fn tax_scheme(xml: &mut Xml) {
    xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
}

fn totals(xml: &mut Xml, money: &Money, bill: &Bill) {
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
struct Money<'a> {
    currency: &'a str,
    digits: usize,
}

impl Money<'_> {
    fn of(document: &Document) -> Result<Money<'_>, TooPrecise> {
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

#[cfg(test)]
mod tests;
