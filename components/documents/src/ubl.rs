//! A document as UBL 2.1 by EN 16931, in the form of Peppol BIS Billing 3.0.
//!
//! `BT-…` are the standard's business terms and `BR-…` its rules. The result depends neither on a language nor on anything that
//! happened after the document was issued.

use bill::{Money, allowances, bill_line, tax_scheme, taxes, totals};
use xml::Xml;

use crate::parties::filled;
use crate::{Customer, Document, Kind, Language, Seller};

mod bill;
mod xml;

pub use bill::TooPrecise;

/// The specification identifier (BT-24).
const RULES: &str = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";

/// The business process type (BT-23).
const PROCESS: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";

const AGGREGATES: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const BASICS: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

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

#[cfg(test)]
mod tests;
