//! A document as UBL 2.1 by EN 16931, in the form of Peppol BIS Billing 3.0.
//!
//! `BT-…` are the standard's business terms and `BR-…` its rules. The result depends neither on a language nor on anything that
//! happened after the document was issued.

use xml::Xml;

use crate::parties::filled;
use crate::{Bill, BillLine, Document, Kind, Language, RateSum, Seller};

mod parties;
mod xml;

/// The specification identifier (BT-24).
const RULES: &str = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";

/// The business process type (BT-23).
const PROCESS: &str = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";

const AGGREGATES: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
const BASICS: &str = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

/// The most fraction digits of an amount (BR-DEC-…).
const MAX_DIGITS: usize = 2;

/// An amount of the document has more fraction digits than EN 16931 allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "EN 16931 knows two digits after the decimal point, and this document has an amount in {currency} with more"
)]
pub struct TooPrecise {
    /// The document's currency.
    pub currency: String,
}

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

fn taxes(xml: &mut Xml, money: &Money, bill: &Bill) {
    xml.group("cac:TaxTotal", |xml| {
        money.write(xml, "cbc:TaxAmount", bill.tax);
        for RateSum { rate_basis_points, net, tax } in &bill.taxes {
            xml.group("cac:TaxSubtotal", |xml| {
                money.write(xml, "cbc:TaxableAmount", *net);
                money.write(xml, "cbc:TaxAmount", *tax);
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
        money.write(xml, "cbc:LineExtensionAmount", bill.net);
        money.write(xml, "cbc:TaxExclusiveAmount", bill.net);
        money.write(xml, "cbc:TaxInclusiveAmount", bill.total);
        money.write(xml, "cbc:PayableAmount", bill.total);
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
        money.write(xml, "cbc:LineExtensionAmount", line.net);
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
        xml.group("cac:Price", |xml| money.write_price(xml, line.unit_price));
    });
}

/// How amounts are written.
struct Money<'a> {
    currency: &'a str,
    digits: usize,
}

impl Money<'_> {
    fn of(document: &Document) -> Result<Money<'_>, TooPrecise> {
        let Document { currency, bill, .. } = document;
        let digits = waybill_contracts::minor_unit_digits(currency).unwrap_or(2);
        let smallest = 10_i64.pow(u32::try_from(digits.saturating_sub(MAX_DIGITS)).unwrap_or(0));
        if bill.amounts().all(|amount| amount % smallest == 0) {
            Ok(Money { currency, digits })
        } else {
            Err(TooPrecise { currency: currency.clone() })
        }
    }

    fn write(&self, xml: &mut Xml, name: &str, amount: i64) {
        let mut text = fixed(amount, self.digits);
        // Only zeros are cut off: `Money` is not made otherwise.
        text.truncate(text.len() - self.digits.saturating_sub(MAX_DIGITS));
        xml.text_with(name, &[("currencyID", self.currency)], &text);
    }

    /// A price, which may have any number of fraction digits.
    fn write_price(&self, xml: &mut Xml, price: i64) {
        let attributes = [("currencyID", self.currency)];
        xml.text_with("cbc:PriceAmount", &attributes, &fixed(price, self.digits));
    }
}

/// Formats an integer of the smallest unit with this many fraction digits.
fn fixed(number: i64, digits: usize) -> String {
    let all = format!("{number:0>width$}", width = digits + 1);
    let (whole, fraction) = all.split_at(all.len() - digits);
    if digits == 0 { all } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests;
