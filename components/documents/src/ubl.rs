//! A document as UBL 2.1 by EN 16931, and by the rules of a [`Profile`].
//!
//! `BT-…` are the standard's business terms and `BR-…` its rules. The result depends neither on a language nor on anything that
//! happened after the document was issued.

use bill::{allowances, bill_line, taxes, totals};

use crate::money::Money;
use crate::xml::Xml;
use crate::{Document, Kind, Profile, Refusal};

mod bill;
mod head;
mod parties;
mod payment;

const AGGREGATES: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const BASICS: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

/// Writes the document.
///
/// # Errors
/// If the profile cannot express something, or requires something that the document lacks.
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
        parties::seller(xml, document);
        parties::buyer(xml, document);
        head::delivery(xml, document);
        payment::payment(xml, document, profile);
        allowances(xml, &money, &document.bill);
        taxes(xml, &money, document);
        totals(xml, &money, document);
        for (index, line) in document.bill.lines.iter().enumerate() {
            bill_line(xml, &money, document, index + 1, line);
        }
    }))
}

#[cfg(test)]
mod tests;
