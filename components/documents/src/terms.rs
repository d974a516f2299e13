//! Business terms that UBL and CII have in common.

use crate::parties::filled;
use crate::{Document, Kind, Language, Profile};

/// What is written for a mandatory identifier that is not known.
pub const NOT_AVAILABLE: &str = "NA";

/// The notes (BT-22); in Peppol one with all of them (PEPPOL-EN16931-R002).
pub fn notes(document: &Document, profile: Profile) -> Vec<String> {
    let specimen = document.seller.is_specimen.then(|| Language::En.words().specimen);
    let notes = document.details.notes.iter().filter_map(|note| filled(Some(note)));
    let notes: Vec<String> = specimen.into_iter().chain(notes).map(str::to_owned).collect();
    if profile == Profile::Peppol && notes.len() > 1 { vec![notes.join("\n")] } else { notes }
}

/// What the buyer routes the document by (BT-10). XRechnung requires one (BR-DE-15), also of a business that has none.
pub fn buyer_reference(document: &Document, profile: Profile) -> Option<&str> {
    let unknown = (profile == Profile::XRechnung).then_some(NOT_AVAILABLE);
    filled(document.details.buyer_reference.as_ref()).or(unknown)
}

/// The seller's number of the order (BT-14).
pub fn sales_order(document: &Document) -> &str {
    filled(document.details.sales_order.as_ref()).unwrap_or(&document.order_id)
}

/// The terms of payment (BT-20). An amount due has a due date or terms (BR-CO-25), and a credit note has no due date.
pub fn payment_terms(document: &Document) -> Option<String> {
    let terms = filled(document.details.payment_terms.as_ref()).map(str::to_owned);
    match &document.kind {
        Kind::Invoice { .. } => terms,
        Kind::CreditNote { invoice_number, .. } => {
            Some(format!("Takes back invoice {invoice_number} in full."))
        }
    }
}

/// How the amount is paid (BT-81), and the account that it is paid to (BT-84).
pub struct PaymentMeans<'a> {
    /// A code of UNTDID 4461.
    pub code: &'static str,
    /// The account, as an IBAN.
    pub account: Option<&'a str>,
    /// The account's bank.
    pub bank: Option<&'a str>,
}

impl<'a> PaymentMeans<'a> {
    /// The means of a document. Those of a credit note are undefined, since it is not known whether and by what the amount is
    /// paid back; a Dutch one names the seller's account all the same (NL-R-008).
    pub fn of(document: &'a Document) -> Self {
        let seller = &document.seller;
        let is_paid_to_seller = matches!(document.kind, Kind::Invoice { .. }) || seller.country == "NL";
        let account = filled(seller.iban.as_ref()).filter(|_| is_paid_to_seller);
        let bank = filled(seller.bic.as_ref()).filter(|_| account.is_some());
        // SEPA transfer, credit transfer, and undefined means, which need no account (BR-61).
        let code = match account {
            Some(_) if document.currency == "EUR" => "58",
            Some(_) => "30",
            None => "1",
        };
        Self { code, account, bank }
    }
}
