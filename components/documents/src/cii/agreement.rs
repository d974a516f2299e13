//! What the parties refer to.

use super::parties::{buyer, seller};
use crate::parties::filled;
use crate::terms::{buyer_reference, sales_order};
use crate::xml::Xml;
use crate::{Document, Profile};

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

fn reference(xml: &mut Xml, name: &str, id: Option<&str>) {
    if let Some(id) = id {
        xml.group(name, |xml| xml.text("ram:IssuerAssignedID", id));
    }
}
