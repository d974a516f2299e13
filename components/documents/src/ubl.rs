//! A document as UBL 2.1 by EN 16931, and by the rules of a [`Profile`].
//!
//! `BT-…` are the standard's business terms and `BR-…` its rules. The result depends neither on a language nor on anything that
//! happened after the document was issued.

use crate::money::{Money, fixed};
use crate::parties::filled;
use crate::xml::Xml;
use crate::{Bill, BillLine, Customer, Document, Endpoint, Kind, Profile, RateSum, Refusal, Seller};

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

fn taxes(xml: &mut Xml, money: &Money, bill: &Bill) {
    xml.group("cac:TaxTotal", |xml| {
        amount(xml, money, "cbc:TaxAmount", bill.tax);
        for RateSum { rate_basis_points, net, tax } in &bill.taxes {
            xml.group("cac:TaxSubtotal", |xml| {
                amount(xml, money, "cbc:TaxableAmount", *net);
                amount(xml, money, "cbc:TaxAmount", *tax);
                tax_category(xml, "cac:TaxCategory", *rate_basis_points);
            });
        }
    });
}

/// The category of a rate (UNTDID 5305).
///
/// Any rate above 0 is `S`, standard. For a rate of 0 the order names no reason, so `Z`, zero rated, claims no more than it
/// says: `E` would need the reason of an exemption (BR-E-10), and `O` a seller without VAT identifier (BR-O-02).
fn tax_category(xml: &mut Xml, name: &str, rate_basis_points: i32) {
    xml.group(name, |xml| {
        xml.text("cbc:ID", if rate_basis_points == 0 { "Z" } else { "S" });
        xml.text("cbc:Percent", &fixed(rate_basis_points.into(), 2));
        tax_scheme(xml);
    });
}

fn tax_scheme(xml: &mut Xml) {
    xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"));
}

fn totals(xml: &mut Xml, money: &Money, bill: &Bill) {
    xml.group("cac:LegalMonetaryTotal", |xml| {
        amount(xml, money, "cbc:LineExtensionAmount", bill.net);
        amount(xml, money, "cbc:TaxExclusiveAmount", bill.net);
        amount(xml, money, "cbc:TaxInclusiveAmount", bill.total);
        amount(xml, money, "cbc:PayableAmount", bill.total);
    });
}

fn bill_line(xml: &mut Xml, money: &Money, document: &Document, number: usize, line: &BillLine) {
    let (element, quantity) = match document.kind {
        Kind::Invoice { .. } => ("cac:InvoiceLine", "cbc:InvoicedQuantity"),
        Kind::CreditNote { .. } => ("cac:CreditNoteLine", "cbc:CreditedQuantity"),
    };
    xml.group(element, |xml| {
        xml.text("cbc:ID", &number.to_string());
        // UN/ECE recommendation 20: a piece.
        xml.text_with(quantity, &[("unitCode", "H87")], &line.quantity.to_string());
        amount(xml, money, "cbc:LineExtensionAmount", line.net);
        xml.group("cac:Item", |xml| {
            match &line.item {
                Some(item) => {
                    xml.text("cbc:Name", &item.description);
                    if !item.sku.is_empty() {
                        xml.group("cac:SellersItemIdentification", |xml| xml.text("cbc:ID", &item.sku));
                    }
                }
                None => xml.text("cbc:Name", &format!("Order {}", document.order_id)),
            }
            tax_category(xml, "cac:ClassifiedTaxCategory", line.rate_basis_points);
        });
        xml.group("cac:Price", |xml| price(xml, money, line.unit_price));
    });
}

fn amount(xml: &mut Xml, money: &Money, name: &str, amount: i64) {
    xml.text_with(name, &[("currencyID", money.currency())], &money.amount(amount));
}

fn price(xml: &mut Xml, money: &Money, price: i64) {
    xml.text_with("cbc:PriceAmount", &[("currencyID", money.currency())], &money.price(price));
}

#[cfg(test)]
mod tests;
