//! The parties, and what they refer to.

use crate::parties::filled;
use crate::terms::{buyer_reference, sales_order};
use crate::xml::Xml;
use crate::{Customer, Document, Endpoint, Profile, Seller};

pub fn agreement(xml: &mut Xml, document: &Document, profile: Profile) {
    let details = &document.details;
    xml.group("ram:ApplicableHeaderTradeAgreement", |xml| {
        xml.optional("ram:BuyerReference", buyer_reference(document, profile));
        seller(xml, document);
        buyer(xml, document);
        reference(xml, "ram:SellerOrderReferencedDocument", Some(sales_order(document)));
        reference(xml, "ram:BuyerOrderReferencedDocument", filled(details.purchase_order.as_ref()));
        reference(xml, "ram:ContractReferencedDocument", filled(details.contract.as_ref()));
        if let Some(project) = filled(details.project.as_ref()) {
            xml.group("ram:SpecifiedProcuringProject", |xml| {
                xml.text("ram:ID", project);
                // Mandatory beside the identifier.
                xml.text("ram:Name", "Project reference");
            });
        }
    });
}

fn seller(xml: &mut Xml, document: &Document) {
    let Seller { name, vat_id, address, city, zip_code, country, email, contact, phone, .. } =
        &document.seller;
    xml.group("ram:SellerTradeParty", |xml| {
        xml.text("ram:Name", name);
        xml.group("ram:SpecifiedLegalOrganization", |xml| xml.text("ram:TradingBusinessName", name));
        xml.group("ram:DefinedTradeContact", |xml| {
            xml.optional("ram:PersonName", filled(contact.as_ref()));
            if let Some(phone) = filled(phone.as_ref()) {
                xml.group("ram:TelephoneUniversalCommunication", |xml| xml.text("ram:CompleteNumber", phone));
            }
            xml.group("ram:EmailURIUniversalCommunication", |xml| xml.text("ram:URIID", email));
        });
        xml.group("ram:PostalTradeAddress", |xml| {
            xml.text("ram:PostcodeCode", zip_code);
            xml.text("ram:LineOne", address);
            xml.text("ram:CityName", city);
            xml.text("ram:CountryID", country);
        });
        endpoint(xml, document.seller_endpoint());
        xml.group("ram:SpecifiedTaxRegistration", |xml| {
            xml.text_with("ram:ID", &[("schemeID", "VA")], vat_id);
        });
    });
}

fn buyer(xml: &mut Xml, document: &Document) {
    let Customer { email, address, state, zip_code, .. } = &document.customer;
    xml.group("ram:BuyerTradeParty", |xml| {
        xml.text("ram:ID", &document.customer_id);
        xml.text("ram:Name", document.buyer_name());
        if let Some(email) = filled(email.as_ref()) {
            xml.group("ram:DefinedTradeContact", |xml| {
                xml.group("ram:EmailURIUniversalCommunication", |xml| xml.text("ram:URIID", email));
            });
        }
        xml.group("ram:PostalTradeAddress", |xml| {
            xml.optional("ram:PostcodeCode", filled(zip_code.as_ref()));
            xml.optional("ram:LineOne", filled(address.as_ref()));
            xml.optional("ram:CityName", filled(state.as_ref()));
            xml.text("ram:CountryID", document.buyer_country());
        });
        endpoint(xml, document.buyer_endpoint());
    });
}

fn endpoint(xml: &mut Xml, endpoint: Option<Endpoint>) {
    if let Some(Endpoint { scheme, id }) = endpoint {
        xml.group("ram:URIUniversalCommunication", |xml| {
            xml.text_with("ram:URIID", &[("schemeID", &scheme)], &id);
        });
    }
}

fn reference(xml: &mut Xml, name: &str, id: Option<&str>) {
    if let Some(id) = id {
        xml.group(name, |xml| xml.text("ram:IssuerAssignedID", id));
    }
}
