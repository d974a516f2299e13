//! A document as UBL 2.1 by EN 16931, in the form of Peppol BIS Billing 3.0.
//!
//! `BT-…` are the standard's business terms and `BR-…` its rules. The result depends neither on a language nor on anything that
//! happened after the document was issued.

use bill::{Money, allowances, bill_line, taxes, totals};
use xml::Xml;

use crate::parties::filled;
use crate::{Document, Kind, Language, Seller};

mod bill;
mod parties;
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
        parties::seller(xml, &document.seller);
        parties::buyer(xml, document);
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
    xml.text("cbc:BuyerReference", document.buyer_reference());
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
