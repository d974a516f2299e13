//! Payment, taxes and sums.

use super::day::day;
use super::tax::{allowance, tax_rate};
use crate::money::{Money, accounting_amount, fixed};
use crate::payment_means::{By, PaymentMeans};
use crate::terms::{payment_terms, period, preceding_invoices};
use crate::xml::Xml;
use crate::{Bill, Document, Kind, Language};

pub fn settlement(xml: &mut Xml, money: &Money, document: &Document) {
    let bill = &document.bill;
    xml.group("ram:ApplicableHeaderTradeSettlement", |xml| {
        let debit = PaymentMeans::direct_debit(document);
        xml.optional("ram:CreditorReferenceID", debit.map(|debit| debit.creditor_id.as_str()));
        xml.text("ram:PaymentReference", &document.number);
        xml.optional("ram:TaxCurrencyCode", bill.accounting_tax.as_ref().map(|tax| tax.currency.as_str()));
        xml.text("ram:InvoiceCurrencyCode", &document.currency);
        payment(xml, document);
        taxes(xml, money, document);
        if let Some((start, end)) = period(document) {
            xml.group("ram:BillingSpecifiedPeriod", |xml| {
                for (name, date) in [("ram:StartDateTime", start), ("ram:EndDateTime", end)] {
                    if let Some(date) = date {
                        xml.group(name, |xml| day(xml, "udt:DateTimeString", date));
                    }
                }
            });
        }
        allowances(xml, money, bill);
        terms(xml, document);
        totals(xml, money, document);
        for (number, issued_on) in preceding_invoices(document) {
            xml.group("ram:InvoiceReferencedDocument", |xml| {
                xml.text("ram:IssuerAssignedID", number);
                if let Some(issued_on) = issued_on {
                    xml.group("ram:FormattedIssueDateTime", |xml| day(xml, "qdt:DateTimeString", issued_on));
                }
            });
        }
    });
}

fn payment(xml: &mut Xml, document: &Document) {
    for PaymentMeans { code, text, by } in PaymentMeans::all(document) {
        xml.group("ram:SpecifiedTradeSettlementPaymentMeans", |xml| {
            xml.text("ram:TypeCode", code);
            xml.optional("ram:Information", text);
            paid_by(xml, &by);
        });
    }
}

fn paid_by(xml: &mut Xml, by: &By<'_>) {
    match by {
        By::Account(account) => {
            xml.group("ram:PayeePartyCreditorFinancialAccount", |xml| {
                if account.is_iban {
                    xml.text("ram:IBANID", account.id);
                }
                xml.optional("ram:AccountName", account.name);
                if !account.is_iban {
                    xml.text("ram:ProprietaryID", account.id);
                }
            });
            // The bank's identifier (BT-86), whichever it is.
            if let Some(bank) = account.bank() {
                xml.group("ram:PayeeSpecifiedCreditorFinancialInstitution", |xml| {
                    xml.text("ram:BICID", bank);
                });
            }
        }
        By::Card(card) => xml.group("ram:ApplicableTradeSettlementFinancialCard", |xml| {
            xml.text("ram:ID", &card.last_digits);
            xml.optional("ram:CardholderName", card.holder.as_deref());
        }),
        By::DirectDebit(debit) => {
            xml.group("ram:PayerPartyDebtorFinancialAccount", |xml| xml.text("ram:IBANID", &debit.iban));
        }
        By::Unknown => {}
    }
}

fn taxes(xml: &mut Xml, money: &Money, document: &Document) {
    let bill = &document.bill;
    for sum in &bill.taxes {
        xml.group("ram:ApplicableTradeTax", |xml| {
            xml.text("ram:CalculatedAmount", &money.amount(sum.tax));
            xml.text("ram:TypeCode", "VAT");
            xml.optional("ram:ExemptionReason", document.exemption(sum, Language::En).as_deref());
            xml.text("ram:BasisAmount", &money.amount(sum.net));
            xml.text("ram:CategoryCode", sum.category.code());
            xml.optional("ram:ExemptionReasonCode", sum.exemption_reason_code.as_deref());
            xml.text("ram:RateApplicablePercent", &fixed(sum.rate_basis_points.into(), 2));
        });
    }
}

fn allowances(xml: &mut Xml, money: &Money, bill: &Bill) {
    for (is_charge, it) in bill.allowances_and_charges() {
        allowance(xml, money, is_charge, it.net, &it.reason, |xml| {
            xml.group("ram:CategoryTradeTax", |xml| tax_rate(xml, it.category, it.rate_basis_points));
        });
    }
}

fn terms(xml: &mut Xml, document: &Document) {
    xml.group("ram:SpecifiedTradePaymentTerms", |xml| {
        xml.optional("ram:Description", payment_terms(document).as_deref());
        if let Kind::Invoice { due_on } = document.kind {
            xml.group("ram:DueDateDateTime", |xml| day(xml, "udt:DateTimeString", due_on));
        }
        let debit = PaymentMeans::direct_debit(document);
        xml.optional("ram:DirectDebitMandateID", debit.map(|debit| debit.mandate_reference.as_str()));
    });
}

fn totals(xml: &mut Xml, money: &Money, document: &Document) {
    let bill = &document.bill;
    xml.group("ram:SpecifiedTradeSettlementHeaderMonetarySummation", |xml| {
        xml.text("ram:LineTotalAmount", &money.amount(bill.line_total));
        if !bill.charges.is_empty() {
            xml.text("ram:ChargeTotalAmount", &money.amount(bill.charge_total));
        }
        if !bill.allowances.is_empty() {
            xml.text("ram:AllowanceTotalAmount", &money.amount(bill.allowance_total));
        }
        xml.text("ram:TaxBasisTotalAmount", &money.amount(bill.net));
        let currency = [("currencyID", money.currency())];
        xml.text_with("ram:TaxTotalAmount", &currency, &money.amount(bill.tax));
        // The tax in the currency that the seller accounts for it in (BT-111).
        if let Some(tax) = &bill.accounting_tax {
            let currency = [("currencyID", tax.currency.as_str())];
            xml.text_with("ram:TaxTotalAmount", &currency, &accounting_amount(tax));
        }
        xml.text("ram:GrandTotalAmount", &money.amount(bill.total));
        if !document.details.prepayments.is_empty() {
            xml.text("ram:TotalPrepaidAmount", &money.amount(document.details.prepaid()));
        }
        xml.text("ram:DuePayableAmount", &money.amount(document.due()));
    });
}
