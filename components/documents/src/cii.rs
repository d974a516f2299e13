//! A document as UN/CEFACT Cross Industry Invoice (D16B) by EN 16931: the other syntax of the standard, and what Factur-X and
//! ZUGFeRD have inside a PDF.
//!
//! `BT-…` are the standard's business terms and `BR-…` its rules. The same document as UBL has the same terms.

use crate::money::{Money, fixed};
use crate::parties::filled;
use crate::xml::Xml;
use crate::{BillLine, Date, Document, Kind, Profile, Refusal};

mod agreement;
mod settlement;

/// The name of the file inside a PDF by Factur-X and ZUGFeRD.
pub const FILE_NAME: &str = "factur-x.xml";

/// The same for a document by the rules of XRechnung.
pub const XRECHNUNG_FILE_NAME: &str = "xrechnung.xml";

const NAMESPACES: [(&str, &str); 4] = [
    ("xmlns:rsm", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"),
    ("xmlns:ram", "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"),
    ("xmlns:udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"),
    ("xmlns:qdt", "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"),
];

/// Writes the document.
///
/// # Errors
/// If the profile has no word for something, or requires what the document does not have.
pub fn render(document: &Document, profile: Profile) -> Result<Vec<u8>, Refusal> {
    if profile == Profile::Peppol {
        return Err(Refusal::UblOnly { profile });
    }
    let money = Money::of(document, profile)?;
    profile.check(document)?;
    Ok(Xml::document("rsm:CrossIndustryInvoice", &NAMESPACES, |xml| {
        context(xml, profile);
        head(xml, document, profile);
        xml.group("rsm:SupplyChainTradeTransaction", |xml| {
            for (index, line) in document.bill.lines.iter().enumerate() {
                bill_line(xml, &money, document, index + 1, line);
            }
            agreement::agreement(xml, document, profile);
            delivery(xml, document);
            settlement::settlement(xml, &money, document);
        });
    }))
}

fn context(xml: &mut Xml, profile: Profile) {
    xml.group("rsm:ExchangedDocumentContext", |xml| {
        if let Some(process) = profile.process() {
            xml.group("ram:BusinessProcessSpecifiedDocumentContextParameter", |xml| {
                xml.text("ram:ID", process)
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
        for note in crate::terms::notes(document, profile) {
            xml.group("ram:IncludedNote", |xml| xml.text("ram:Content", &note));
        }
    });
}

fn bill_line(xml: &mut Xml, money: &Money, document: &Document, number: usize, line: &BillLine) {
    xml.group("ram:IncludedSupplyChainTradeLineItem", |xml| {
        xml.group("ram:AssociatedDocumentLineDocument", |xml| xml.text("ram:LineID", &number.to_string()));
        xml.group("ram:SpecifiedTradeProduct", |xml| match &line.item {
            Some(item) => {
                xml.optional("ram:SellerAssignedID", filled(Some(&item.sku)));
                xml.text("ram:Name", &item.description);
            }
            None => xml.text("ram:Name", &format!("Order {}", document.order_id)),
        });
        xml.group("ram:SpecifiedLineTradeAgreement", |xml| {
            xml.group("ram:NetPriceProductTradePrice", |xml| {
                xml.text("ram:ChargeAmount", &money.price(line.unit_price));
            });
        });
        xml.group("ram:SpecifiedLineTradeDelivery", |xml| {
            // UN/ECE recommendation 20: a piece.
            xml.text_with("ram:BilledQuantity", &[("unitCode", "H87")], &line.quantity.to_string());
        });
        xml.group("ram:SpecifiedLineTradeSettlement", |xml| {
            xml.group("ram:ApplicableTradeTax", |xml| {
                xml.text("ram:TypeCode", "VAT");
                tax_category(xml, line.rate_basis_points);
            });
            xml.group("ram:SpecifiedTradeSettlementLineMonetarySummation", |xml| {
                xml.text("ram:LineTotalAmount", &money.amount(line.net));
            });
        });
    });
}

/// The category of a rate and the rate, as in UBL.
fn tax_category(xml: &mut Xml, rate_basis_points: i32) {
    xml.text("ram:CategoryCode", if rate_basis_points == 0 { "Z" } else { "S" });
    xml.text("ram:RateApplicablePercent", &fixed(rate_basis_points.into(), 2));
}

/// When and to where it was delivered (BG-13). The element is mandatory, also where nothing is known.
fn delivery(xml: &mut Xml, document: &Document) {
    let delivery = &document.details.delivery;
    xml.group("ram:ApplicableHeaderTradeDelivery", |xml| {
        if let Some(place) = &delivery.to {
            xml.group("ram:ShipToTradeParty", |xml| {
                xml.optional("ram:Name", filled(place.name.as_ref()));
                xml.group("ram:PostalTradeAddress", |xml| {
                    xml.optional("ram:PostcodeCode", filled(place.zip_code.as_ref()));
                    xml.optional("ram:LineOne", filled(place.address.as_ref()));
                    xml.optional("ram:CityName", filled(place.city.as_ref()));
                    xml.text("ram:CountryID", &place.country);
                });
            });
        }
        if let Some(date) = delivery.date {
            xml.group("ram:ActualDeliverySupplyChainEvent", |xml| {
                xml.group("ram:OccurrenceDateTime", |xml| day(xml, "udt:DateTimeString", date));
            });
        }
    });
}

/// A day; 102 is the format `YYYYMMDD` in UNTDID 2379.
fn day(xml: &mut Xml, name: &str, date: Date) {
    xml.text_with(name, &[("format", "102")], &format!("{:04}{:02}{:02}", date.year, date.month, date.day));
}

#[cfg(test)]
mod tests;
