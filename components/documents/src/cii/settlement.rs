//! Payment, taxes and sums.

use super::{day, tax_category};
use crate::money::Money;
use crate::terms::{PaymentMeans, payment_terms};
use crate::xml::Xml;
use crate::{Bill, Document, Kind, RateSum};

pub fn settlement(xml: &mut Xml, money: &Money, document: &Document) {
    let bill = &document.bill;
    xml.group("ram:ApplicableHeaderTradeSettlement", |xml| {
        xml.text("ram:PaymentReference", &document.number);
        xml.text("ram:InvoiceCurrencyCode", &document.currency);
        payment(xml, document);
        taxes(xml, money, bill);
        if let Some(period) = document.details.delivery.period {
            xml.group("ram:BillingSpecifiedPeriod", |xml| {
                xml.group("ram:StartDateTime", |xml| day(xml, "udt:DateTimeString", period.start));
                xml.group("ram:EndDateTime", |xml| day(xml, "udt:DateTimeString", period.end));
            });
        }
        terms(xml, document);
        totals(xml, money, bill);
        if let Kind::CreditNote { invoice_number, invoice_issued_on } = &document.kind {
            xml.group("ram:InvoiceReferencedDocument", |xml| {
                xml.text("ram:IssuerAssignedID", invoice_number);
                xml.group("ram:FormattedIssueDateTime", |xml| {
                    day(xml, "qdt:DateTimeString", *invoice_issued_on);
                });
            });
        }
    });
}

fn payment(xml: &mut Xml, document: &Document) {
    let means = PaymentMeans::of(document);
    xml.group("ram:SpecifiedTradeSettlementPaymentMeans", |xml| {
        xml.text("ram:TypeCode", means.code);
        if let Some(account) = means.account {
            xml.group("ram:PayeePartyCreditorFinancialAccount", |xml| xml.text("ram:IBANID", account));
        }
        if let Some(bank) = means.bank {
            xml.group("ram:PayeeSpecifiedCreditorFinancialInstitution", |xml| xml.text("ram:BICID", bank));
        }
    });
}

fn taxes(xml: &mut Xml, money: &Money, bill: &Bill) {
    for RateSum { rate_basis_points, net, tax } in &bill.taxes {
        xml.group("ram:ApplicableTradeTax", |xml| {
            xml.text("ram:CalculatedAmount", &money.amount(*tax));
            xml.text("ram:TypeCode", "VAT");
            xml.text("ram:BasisAmount", &money.amount(*net));
            tax_category(xml, *rate_basis_points);
        });
    }
}

fn terms(xml: &mut Xml, document: &Document) {
    xml.group("ram:SpecifiedTradePaymentTerms", |xml| {
        xml.optional("ram:Description", payment_terms(document).as_deref());
        if let Kind::Invoice { due_on } = document.kind {
            xml.group("ram:DueDateDateTime", |xml| day(xml, "udt:DateTimeString", due_on));
        }
    });
}

fn totals(xml: &mut Xml, money: &Money, bill: &Bill) {
    xml.group("ram:SpecifiedTradeSettlementHeaderMonetarySummation", |xml| {
        xml.text("ram:LineTotalAmount", &money.amount(bill.net));
        xml.text("ram:TaxBasisTotalAmount", &money.amount(bill.net));
        let currency = [("currencyID", money.currency())];
        xml.text_with("ram:TaxTotalAmount", &currency, &money.amount(bill.tax));
        xml.text("ram:GrandTotalAmount", &money.amount(bill.total));
        xml.text("ram:DuePayableAmount", &money.amount(bill.total));
    });
}
