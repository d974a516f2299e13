//! Seller and buyer (BG-4 and BG-7).

use crate::address::Address;
use crate::parties::{Buyer as _, filled};
use crate::xml::Xml;
use crate::{Document, ElectronicAddress};

pub fn seller(xml: &mut Xml, document: &Document) {
    let seller = &document.seller;
    xml.group("ram:SellerTradeParty", |xml| {
        xml.optional("ram:ID", document.seller_id());
        xml.text("ram:Name", &seller.name);
        xml.optional("ram:Description", filled(seller.legal_notes.as_ref()));
        xml.group("ram:SpecifiedLegalOrganization", |xml| {
            registration(xml, seller.registration());
            xml.text("ram:TradingBusinessName", &seller.name);
        });
        let [contact, phone] = [&seller.contact, &seller.phone].map(|text| filled(text.as_ref()));
        contact_of(xml, contact, phone, Some(&seller.email));
        postal_address(xml, &seller.postal_address(), &seller.country);
        endpoint(xml, document.seller_endpoint());
        tax_registration(xml, "VA", document.seller_vat_id());
        tax_registration(xml, "FC", document.seller_tax_number());
    });
}

pub fn buyer(xml: &mut Xml, document: &Document) {
    let customer = &document.customer;
    xml.group("ram:BuyerTradeParty", |xml| {
        xml.text("ram:ID", &document.customer_id);
        xml.text("ram:Name", document.buyer_name());
        let registered = customer.registration();
        if registered.is_some() {
            xml.group("ram:SpecifiedLegalOrganization", |xml| registration(xml, registered));
        }
        let [contact, phone, email] =
            [&customer.contact, &customer.phone, &customer.email].map(|text| filled(text.as_ref()));
        contact_of(xml, contact, phone, email);
        postal_address(xml, &customer.postal_address(), document.buyer_country());
        endpoint(xml, document.buyer_endpoint());
        tax_registration(xml, "VA", document.buyer_tax_id());
    });
}

/// A number in a register of companies (BT-30, BT-47), and which register that is.
fn registration(xml: &mut Xml, registration: Option<(Option<&str>, &str)>) {
    match registration {
        Some((Some(scheme), id)) => xml.text_with("ram:ID", &[("schemeID", scheme)], id),
        Some((None, id)) => xml.text("ram:ID", id),
        None => {}
    }
}

fn contact_of(xml: &mut Xml, name: Option<&str>, phone: Option<&str>, email: Option<&str>) {
    if name.or(phone).or(email).is_none() {
        return;
    }
    xml.group("ram:DefinedTradeContact", |xml| {
        xml.optional("ram:PersonName", name);
        if let Some(phone) = phone {
            xml.group("ram:TelephoneUniversalCommunication", |xml| xml.text("ram:CompleteNumber", phone));
        }
        if let Some(email) = email {
            xml.group("ram:EmailURIUniversalCommunication", |xml| xml.text("ram:URIID", email));
        }
    });
}

fn postal_address(xml: &mut Xml, address: &Address<'_>, country: &str) {
    xml.group("ram:PostalTradeAddress", |xml| {
        xml.optional("ram:PostcodeCode", address.postal_code);
        xml.optional("ram:LineOne", address.street);
        xml.optional("ram:LineTwo", address.more);
        xml.optional("ram:CityName", address.town);
        xml.text("ram:CountryID", country);
        xml.optional("ram:CountrySubDivisionName", address.subdivision);
    });
}

fn endpoint(xml: &mut Xml, address: Option<ElectronicAddress>) {
    if let Some(ElectronicAddress { scheme, id }) = address {
        xml.group("ram:URIUniversalCommunication", |xml| {
            xml.text_with("ram:URIID", &[("schemeID", &scheme)], &id);
        });
    }
}

/// `VA` is a VAT identifier and `FC` a tax number.
fn tax_registration(xml: &mut Xml, scheme: &str, id: Option<&str>) {
    if let Some(id) = id {
        xml.group("ram:SpecifiedTaxRegistration", |xml| {
            xml.text_with("ram:ID", &[("schemeID", scheme)], id);
        });
    }
}
