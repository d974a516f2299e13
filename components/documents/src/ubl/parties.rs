//! Seller and buyer (BG-4 and BG-7).

use crate::address::Address;
use crate::parties::{Buyer as _, filled};
use crate::payment_means::PaymentMeans;
use crate::xml::Xml;
use crate::{Document, ElectronicAddress, Seller};

/// The tax scheme of the seller's tax number (BT-32), which is any other than `VAT`; German rules name this one.
const FISCAL_CODE: &str = "FC";

pub fn seller(xml: &mut Xml, document: &Document) {
    let seller = &document.seller;
    let Seller { name, country, contact, phone, email, .. } = seller;
    xml.group("cac:AccountingSupplierParty", |xml| {
        xml.group("cac:Party", |xml| {
            endpoint(xml, document.seller_endpoint());
            if let Some(id) = document.seller_id() {
                xml.group("cac:PartyIdentification", |xml| xml.text("cbc:ID", id));
            }
            // The creditor identifier (BT-90) stands beside the seller's own.
            if let Some(debit) = PaymentMeans::direct_debit(document) {
                xml.group("cac:PartyIdentification", |xml| {
                    xml.text_with("cbc:ID", &[("schemeID", "SEPA")], &debit.creditor_id);
                });
            }
            xml.group("cac:PartyName", |xml| xml.text("cbc:Name", name));
            postal_address(xml, &seller.postal_address(), country);
            tax_registration(xml, "VAT", document.seller_vat_id());
            match document.seller_tax_number() {
                // Norwegian companies have to say that they are registered (rule NO-R-002), and there is one such identifier.
                None if country == "NO" => tax_registration(xml, "TAX", Some("Foretaksregisteret")),
                tax_number => tax_registration(xml, FISCAL_CODE, tax_number),
            }
            xml.group("cac:PartyLegalEntity", |xml| {
                xml.text("cbc:RegistrationName", name);
                registration(xml, seller.registration());
                xml.optional("cbc:CompanyLegalForm", filled(seller.legal_notes.as_ref()));
            });
            contact_of(xml, filled(contact.as_ref()), filled(phone.as_ref()), Some(email));
        });
    });
}

pub fn buyer(xml: &mut Xml, document: &Document) {
    let customer = &document.customer;
    xml.group("cac:AccountingCustomerParty", |xml| {
        xml.group("cac:Party", |xml| {
            // The buyer's address is optional in EN 16931, and older events have none.
            endpoint(xml, document.buyer_endpoint());
            // The identifier is the seller's own, so it has no scheme, and Danish rules want one (DK-R-013).
            if document.seller.country != "DK" {
                xml.group("cac:PartyIdentification", |xml| xml.text("cbc:ID", &document.customer_id));
            }
            let address = customer.postal_address();
            postal_address(xml, &address, document.buyer_country());
            tax_registration(xml, "VAT", document.buyer_tax_id());
            xml.group("cac:PartyLegalEntity", |xml| {
                xml.text("cbc:RegistrationName", document.buyer_name());
                registration(xml, customer.registration());
            });
            let [contact, phone, email] =
                [&customer.contact, &customer.phone, &customer.email].map(|text| filled(text.as_ref()));
            contact_of(xml, contact, phone, email);
        });
    });
}

/// A number in a register of companies (BT-30, BT-47), and which register that is.
fn registration(xml: &mut Xml, registration: Option<(Option<&str>, &str)>) {
    match registration {
        Some((Some(scheme), id)) => xml.text_with("cbc:CompanyID", &[("schemeID", scheme)], id),
        Some((None, id)) => xml.text("cbc:CompanyID", id),
        None => {}
    }
}

/// An electronic address (BT-34, BT-49).
fn endpoint(xml: &mut Xml, address: Option<ElectronicAddress>) {
    if let Some(ElectronicAddress { scheme, id }) = address {
        xml.text_with("cbc:EndpointID", &[("schemeID", &scheme)], &id);
    }
}

fn postal_address(xml: &mut Xml, address: &Address<'_>, country: &str) {
    xml.group("cac:PostalAddress", |xml| {
        xml.optional("cbc:StreetName", address.street);
        xml.optional("cbc:AdditionalStreetName", address.more);
        xml.optional("cbc:CityName", address.town);
        xml.optional("cbc:PostalZone", address.postal_code);
        xml.optional("cbc:CountrySubentity", address.subdivision);
        xml.group("cac:Country", |xml| xml.text("cbc:IdentificationCode", country));
    });
}

fn tax_registration(xml: &mut Xml, scheme: &str, id: Option<&str>) {
    if let Some(id) = id {
        xml.group("cac:PartyTaxScheme", |xml| {
            xml.text("cbc:CompanyID", id);
            xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", scheme));
        });
    }
}

fn contact_of(xml: &mut Xml, name: Option<&str>, phone: Option<&str>, email: Option<&str>) {
    if name.or(phone).or(email).is_some() {
        xml.group("cac:Contact", |xml| {
            xml.optional("cbc:Name", name);
            xml.optional("cbc:Telephone", phone);
            xml.optional("cbc:ElectronicMail", email);
        });
    }
}

#[cfg(test)]
mod tests;
