//! Type, dates, notes and references, and the delivery.

use crate::parties::filled;
use crate::terms::{
    NOT_AVAILABLE, Place, buyer_reference, delivery_date, notes, period, preceding_invoices, sales_order,
};
use crate::xml::Xml;
use crate::{Document, Kind, Profile};

/// The elements before the parties, in the order of UBL's schemas.
pub fn head(xml: &mut Xml, document: &Document, profile: Profile) {
    let details = &document.details;
    xml.text("cbc:CustomizationID", profile.identifier());
    xml.optional("cbc:ProfileID", profile.process());
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
    for note in notes(document, profile) {
        xml.text("cbc:Note", &note);
    }
    xml.text("cbc:DocumentCurrencyCode", &document.currency);
    xml.optional(
        "cbc:TaxCurrencyCode",
        document.bill.accounting_tax.as_ref().map(|tax| tax.currency.as_str()),
    );
    xml.optional("cbc:BuyerReference", buyer_reference(document, profile));
    if let Some((start, end)) = period(document) {
        xml.group("cac:InvoicePeriod", |xml| {
            xml.optional("cbc:StartDate", start.map(|date| date.to_string()).as_deref());
            xml.optional("cbc:EndDate", end.map(|date| date.to_string()).as_deref());
        });
    }
    xml.group("cac:OrderReference", |xml| {
        // Mandatory there, and no number of the seller's belongs into it: the buyer would look it up among its own.
        xml.text("cbc:ID", filled(details.purchase_order.as_ref()).unwrap_or(NOT_AVAILABLE));
        xml.text("cbc:SalesOrderID", sales_order(document));
    });
    for (number, issued_on) in preceding_invoices(document) {
        xml.group("cac:BillingReference", |xml| {
            xml.group("cac:InvoiceDocumentReference", |xml| {
                xml.text("cbc:ID", number);
                xml.optional("cbc:IssueDate", issued_on.map(|date| date.to_string()).as_deref());
            });
        });
    }
    if let Some(contract) = filled(details.contract.as_ref()) {
        xml.group("cac:ContractDocumentReference", |xml| xml.text("cbc:ID", contract));
    }
    if let Some(project) = filled(details.project.as_ref()) {
        match document.kind {
            Kind::Invoice { .. } => xml.group("cac:ProjectReference", |xml| xml.text("cbc:ID", project)),
            // A credit note has no such element; 50 is a project's number in UNTDID 1001.
            Kind::CreditNote { .. } => xml.group("cac:AdditionalDocumentReference", |xml| {
                xml.text("cbc:ID", project);
                xml.text("cbc:DocumentTypeCode", "50");
            }),
        }
    }
}

/// The identifier and the address of a place, as far as they are known.
fn location(xml: &mut Xml, place: &Place<'_>) {
    if let Some(id) = place.id {
        xml.identifier("cbc:ID", place.id_scheme, id);
    }
    if !place.has_address {
        return;
    }
    xml.group("cac:Address", |xml| {
        xml.optional("cbc:StreetName", place.address);
        xml.optional("cbc:AdditionalStreetName", place.address_line2);
        xml.optional("cbc:CityName", place.city);
        xml.optional("cbc:PostalZone", place.zip_code);
        xml.optional("cbc:CountrySubentity", place.subdivision);
        xml.group("cac:Country", |xml| xml.text("cbc:IdentificationCode", place.country));
    });
}

/// When and to where it was delivered (BG-13).
pub fn delivery(xml: &mut Xml, document: &Document) {
    let (date, place) = (delivery_date(document), Place::of(document));
    if date.is_none() && place.is_none() {
        return;
    }
    xml.group("cac:Delivery", |xml| {
        xml.optional("cbc:ActualDeliveryDate", date.map(|date| date.to_string()).as_deref());
        let Some(place) = place else { return };
        if place.has_address || place.id.is_some() {
            xml.group("cac:DeliveryLocation", |xml| location(xml, &place));
        }
        if let Some(name) = place.name {
            xml.group("cac:DeliveryParty", |xml| {
                xml.group("cac:PartyName", |xml| xml.text("cbc:Name", name));
            });
        }
    });
}
