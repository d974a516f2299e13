//! A document as UN/CEFACT Cross Industry Invoice (D16B) by EN 16931: the other syntax of the standard, and what Factur-X and
//! ZUGFeRD have inside a PDF.
//!
//! `BT-…` are the standard's business terms and `BR-…` its rules. The same document as UBL has the same terms.

use self::day::day;
use crate::money::Money;
use crate::terms::{Place, delivery_date, notes, preceding_invoices};
use crate::xml::Xml;
use crate::{Document, Kind, Profile, Refusal};

mod agreement;
mod day;
mod line;
mod parties;
mod settlement;
mod tax;

const NAMESPACES: [(&str, &str); 4] = [
    ("xmlns:rsm", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"),
    ("xmlns:ram", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"),
    ("xmlns:udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"),
    ("xmlns:qdt", "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"),
];

/// Writes the document.
///
/// # Errors
/// If the profile cannot express something, or requires something that the document lacks.
pub fn render(document: &Document, profile: Profile) -> Result<Vec<u8>, Refusal> {
    if preceding_invoices(document).count() > 1 {
        let what = "one invoice before it at most, where it is CII by itself (BG-3, D16B)";
        return Err(Refusal::Missing { profile, what });
    }
    render_attachment(document, profile)
}

/// Renders the document for a PDF, whose schema (D22B) permits several invoices before it.
pub fn render_attachment(document: &Document, profile: Profile) -> Result<Vec<u8>, Refusal> {
    if profile == Profile::Peppol {
        return Err(Refusal::UblOnly { profile });
    }
    let money = Money::of(document, profile)?;
    profile.check(document)?;
    if document.edition >= 1 && has_unknown_scheme(document) {
        let what = "addresses of both parties of a scheme other than 0219 and 0220 (BT-34-1, BT-49-1, FX-SCH-A-000571)";
        return Err(Refusal::Missing { profile, what });
    }
    Ok(Xml::document("rsm:CrossIndustryInvoice", &NAMESPACES, |xml| {
        context(xml, profile);
        head(xml, document, profile);
        xml.group("rsm:SupplyChainTradeTransaction", |xml| {
            for (index, line) in document.bill.lines.iter().enumerate() {
                line::bill_line(xml, &money, document, index + 1, line);
            }
            agreement::agreement(xml, document, profile);
            delivery(xml, document);
            settlement::settlement(xml, &money, document);
        });
    }))
}

/// Whether an electronic address is of a scheme that UBL's list has and that of CII has not.
fn has_unknown_scheme(document: &Document) -> bool {
    let endpoints = [document.seller_endpoint(), document.buyer_endpoint()];
    endpoints.iter().flatten().any(|endpoint| matches!(endpoint.scheme.as_str(), "0219" | "0220"))
}

fn context(xml: &mut Xml, profile: Profile) {
    xml.group("rsm:ExchangedDocumentContext", |xml| {
        if let Some(process) = profile.process() {
            xml.group("ram:BusinessProcessSpecifiedDocumentContextParameter", |xml| {
                xml.text("ram:ID", process);
            });
        }
        xml.group("ram:GuidelineSpecifiedDocumentContextParameter", |xml| {
            xml.text("ram:ID", profile.identifier());
        });
    });
}

fn head(xml: &mut Xml, document: &Document, profile: Profile) {
    xml.group("rsm:ExchangedDocument", |xml| {
        xml.text("ram:ID", &document.number);
        // 380 and 381 are an invoice and a credit note in UNTDID 1001.
        let is_invoice = matches!(document.kind, Kind::Invoice { .. });
        xml.text("ram:TypeCode", if is_invoice { "380" } else { "381" });
        xml.group("ram:IssueDateTime", |xml| day(xml, "udt:DateTimeString", document.issued_on));
        for note in notes(document, profile) {
            xml.group("ram:IncludedNote", |xml| xml.text("ram:Content", &note));
        }
    });
}

/// When and to where it was delivered (BG-13). The element is mandatory, also where nothing is known.
fn delivery(xml: &mut Xml, document: &Document) {
    xml.group("ram:ApplicableHeaderTradeDelivery", |xml| {
        if let Some(place) = Place::of(document) {
            xml.group("ram:ShipToTradeParty", |xml| {
                if let Some(id) = place.id {
                    let element = if place.id_scheme.is_some() { "ram:GlobalID" } else { "ram:ID" };
                    xml.identifier(element, place.id_scheme, id);
                }
                xml.optional("ram:Name", place.name);
                if !place.has_address {
                    return;
                }
                xml.group("ram:PostalTradeAddress", |xml| {
                    xml.optional("ram:PostcodeCode", place.zip_code);
                    xml.optional("ram:LineOne", place.address);
                    xml.optional("ram:LineTwo", place.address_line2);
                    xml.optional("ram:CityName", place.city);
                    xml.text("ram:CountryID", place.country);
                    xml.optional("ram:CountrySubDivisionName", place.subdivision);
                });
            });
        }
        if let Some(date) = delivery_date(document) {
            xml.group("ram:ActualDeliverySupplyChainEvent", |xml| {
                xml.group("ram:OccurrenceDateTime", |xml| day(xml, "udt:DateTimeString", date));
            });
        }
    });
}

#[cfg(test)]
mod tests;
