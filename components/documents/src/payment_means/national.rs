//! Account numbers as a country's rules in Peppol's network want them, taken from its IBANs.

use super::{By, PayeeAccount, PaymentMeans};
use crate::{Document, Kind, Profile};

impl<'a> PaymentMeans<'a> {
    /// The means of a document, as a profile wants them. From edition 3 on, Peppol's rules have the numbers of Danish and Icelandic accounts
    /// in place of the IBAN.
    pub fn of(document: &'a Document, profile: Profile) -> Vec<Self> {
        let all = Self::all(document);
        if profile != Profile::Peppol || document.edition < 3 {
            return all;
        }
        let is_given = document.details.payment.as_ref().is_some_and(|payment| payment.code.is_some());
        let written = |means: Self| match document.seller.country.as_str() {
            "DK" if is_danish_invoice(document) => means.in_denmark(is_given),
            "IS" => means.in_iceland(),
            _ => means,
        };
        all.into_iter().map(written).collect()
    }

    /// A transfer between Danish parties is one to an account (42), by the numbers of branch and account (DK-R-005, DK-R-006). A code that the
    /// order gives is kept.
    fn in_denmark(self, is_code_given: bool) -> Self {
        let (By::Account(account), "30" | "31" | "42") = (self.by, self.code) else { return self };
        match danish(account) {
            Some(account) if self.code != "30" => Self { by: By::Account(account), ..self },
            Some(account) if !is_code_given => Self { code: "42", by: By::Account(account), ..self },
            _ => self,
        }
    }

    /// A claim (9) or a transfer (42) has an account of 12 digits (IS-R-006, IS-R-007).
    fn in_iceland(self) -> Self {
        match (self.code, self.by) {
            ("9" | "42", By::Account(account)) => Self { by: By::Account(icelandic(account)), ..self },
            _ => self,
        }
    }
}

/// Whether it is an invoice between Danish parties, whose means of payment Peppol has rules for.
pub fn is_danish_invoice(document: &Document) -> bool {
    let is_invoice = matches!(document.kind, Kind::Invoice { .. });
    is_invoice && document.seller.country == "DK" && document.buyer_country() == "DK"
}

/// The branch (four digits) and the account (ten) of a Danish IBAN, or of a Faroese or Greenlandic one: these countries have the same banks.
fn danish(account: PayeeAccount<'_>) -> Option<PayeeAccount<'_>> {
    if !account.is_iban {
        return account.bank().map(|_| account);
    }
    let is_danish = ["DK", "FO", "GL"].iter().any(|country| account.id.starts_with(country));
    let (branch, id) = (account.id.get(4..8)?, account.id.get(8..18)?);
    is_danish.then_some(PayeeAccount {
        id,
        is_iban: false,
        bic: None,
        routing_number: Some(branch),
        ..account
    })
}

/// Bank, ledger and account of an Icelandic IBAN, before the owner's number. Any other account is as it is.
fn icelandic(account: PayeeAccount<'_>) -> PayeeAccount<'_> {
    let number = account.id.get(4..16).filter(|_| account.is_iban && account.id.starts_with("IS"));
    number.map_or(account, |id| PayeeAccount { id, is_iban: false, ..account })
}
