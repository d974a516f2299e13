//! How a document is paid (BG-16).

use waybill_contracts::{Card, DirectDebit, Payment};

use crate::parties::filled;
use crate::{Document, Kind};

pub use national::is_danish_invoice;

mod national;

/// One means of payment. Those of a document have the same code (UBL-SR-47).
#[derive(Debug, PartialEq, Eq)]
pub struct PaymentMeans<'a> {
    /// A code of UNTDID 4461 (BT-81).
    pub code: &'a str,
    /// In words (BT-82).
    pub text: Option<&'a str>,
    /// What it is paid to, or collected from.
    pub by: By<'a>,
}

/// What a means of payment is paid to, or collected from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By<'a> {
    /// An account (BG-17).
    Account(PayeeAccount<'a>),
    /// A card (BG-18).
    Card(&'a Card),
    /// A direct debit (BG-19).
    DirectDebit(&'a DirectDebit),
    /// Nothing that is known.
    Unknown,
}

/// An account that is paid to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayeeAccount<'a> {
    /// The IBAN, or the account's number by itself (BT-84).
    pub id: &'a str,
    /// Whether that is an IBAN.
    pub is_iban: bool,
    /// Its name (BT-85).
    pub name: Option<&'a str>,
    /// Its bank.
    pub bic: Option<&'a str>,
    /// The bank's number in the country, where the account's number does not have it.
    pub routing_number: Option<&'a str>,
}

impl<'a> PayeeAccount<'a> {
    fn of_iban(iban: &'a str) -> Self {
        Self { id: iban, is_iban: true, name: None, bic: None, routing_number: None }
    }

    /// What identifies the bank (BT-86): the BIC, or a national code.
    pub fn bank(self) -> Option<&'a str> {
        self.bic.or(self.routing_number)
    }
}

impl<'a> PaymentMeans<'a> {
    /// The means of a document, at least one: what the order says, or else a transfer to the seller's account.
    ///
    /// Those of a credit note are undefined, since it is not known whether and by what the amount is paid back; a Dutch one names the
    /// seller's account all the same (NL-R-008).
    pub fn all(document: &'a Document) -> Vec<Self> {
        let in_euros = document.currency == "EUR";
        if let Some(payment) = &document.details.payment {
            return Self::of_order(payment, in_euros);
        }
        let seller = &document.seller;
        let is_paid_to_seller = matches!(document.kind, Kind::Invoice { .. }) || seller.country == "NL";
        let account = filled(seller.iban.as_ref()).filter(|_| is_paid_to_seller);
        let by = account.map(|iban| {
            By::Account(PayeeAccount { bic: filled(seller.bic.as_ref()), ..PayeeAccount::of_iban(iban) })
        });
        // Undefined means need no account (BR-61).
        let code = by.as_ref().map_or("1", |_| of_transfer(in_euros));
        vec![Self { code, text: None, by: by.unwrap_or(By::Unknown) }]
    }

    fn of_order(payment: &'a Payment, in_euros: bool) -> Vec<Self> {
        let Payment { code, text, accounts, card, direct_debit } = payment;
        let means = |code_of_kind: &'a str, by| Self {
            code: code.as_deref().unwrap_or(code_of_kind),
            text: filled(text.as_ref()),
            by,
        };
        if let Some(card) = card {
            return vec![means("48", By::Card(card))];
        }
        if let Some(debit) = direct_debit {
            return vec![means(if in_euros { "59" } else { "49" }, By::DirectDebit(debit))];
        }
        if accounts.is_empty() {
            return vec![means("1", By::Unknown)];
        }
        let of_account = |account: &'a waybill_contracts::Account| {
            By::Account(PayeeAccount {
                name: filled(account.name.as_ref()),
                bic: filled(account.bic.as_ref()),
                ..PayeeAccount::of_iban(&account.iban)
            })
        };
        let of_accounts = accounts.iter().map(|account| means(of_transfer(in_euros), of_account(account)));
        let mut all: Vec<Self> = of_accounts.collect();
        // A document has the words once (UBL-SR-46).
        all.iter_mut().skip(1).for_each(|means| means.text = None);
        all
    }

    /// The direct debit of a document.
    pub fn direct_debit(document: &'a Document) -> Option<&'a DirectDebit> {
        document.details.payment.as_ref()?.direct_debit.as_ref()
    }
}

/// A SEPA transfer or another one.
fn of_transfer(in_euros: bool) -> &'static str {
    if in_euros { "58" } else { "30" }
}
