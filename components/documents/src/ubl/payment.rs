//! Means and terms of payment.

use crate::Document;
use crate::terms::{PaymentMeans, payment_terms};
use crate::xml::Xml;

pub fn payment(xml: &mut Xml, document: &Document) {
    let means = PaymentMeans::of(document);
    xml.group("cac:PaymentMeans", |xml| {
        xml.text("cbc:PaymentMeansCode", means.code);
        xml.text("cbc:PaymentID", &document.number);
        if let Some(account) = means.account {
            xml.group("cac:PayeeFinancialAccount", |xml| {
                xml.text("cbc:ID", account);
                if let Some(bank) = means.bank {
                    xml.group("cac:FinancialInstitutionBranch", |xml| xml.text("cbc:ID", bank));
                }
            });
        }
    });
    if let Some(terms) = payment_terms(document) {
        xml.group("cac:PaymentTerms", |xml| xml.text("cbc:Note", &terms));
    }
}
