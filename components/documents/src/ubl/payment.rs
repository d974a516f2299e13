//! Means and terms of payment.

use crate::payment_means::{By, PaymentMeans};
use crate::terms::{NOT_AVAILABLE, payment_terms};
use crate::xml::Xml;
use crate::{Document, Profile};

pub fn payment(xml: &mut Xml, document: &Document, profile: Profile) {
    for PaymentMeans { code, text, by } in PaymentMeans::of(document, profile) {
        xml.group("cac:PaymentMeans", |xml| {
            match text {
                Some(text) => xml.text_with("cbc:PaymentMeansCode", &[("name", text)], code),
                None => xml.text("cbc:PaymentMeansCode", code),
            }
            xml.text("cbc:PaymentID", &document.number);
            paid_by(xml, &by);
        });
    }
    if let Some(terms) = payment_terms(document) {
        xml.group("cac:PaymentTerms", |xml| xml.text("cbc:Note", &terms));
    }
}

fn paid_by(xml: &mut Xml, by: &By<'_>) {
    match by {
        By::Account(account) => xml.group("cac:PayeeFinancialAccount", |xml| {
            xml.text("cbc:ID", account.id);
            xml.optional("cbc:Name", account.name);
            if let Some(bank) = account.bank() {
                xml.group("cac:FinancialInstitutionBranch", |xml| xml.text("cbc:ID", bank));
            }
        }),
        By::Card(card) => xml.group("cac:CardAccount", |xml| {
            xml.text("cbc:PrimaryAccountNumberID", &card.last_digits);
            // Mandatory there, and no term of EN 16931.
            xml.text("cbc:NetworkID", NOT_AVAILABLE);
            xml.optional("cbc:HolderName", card.holder.as_deref());
        }),
        By::DirectDebit(debit) => xml.group("cac:PaymentMandate", |xml| {
            xml.text("cbc:ID", &debit.mandate_reference);
            xml.group("cac:PayerFinancialAccount", |xml| xml.text("cbc:ID", &debit.iban));
        }),
        By::Unknown => {}
    }
}
