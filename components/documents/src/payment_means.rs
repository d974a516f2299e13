//! How a document is paid (BG-16).

use waybill_contracts::{Account, Card, DirectDebit, Payment};

use crate::parties::filled;
use crate::{Document, Kind, Seller};

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
    /// The IBAN, or the number of an account without one (BT-84).
    pub id: &'a str,
    /// Whether that is an IBAN.
    pub is_iban: bool,
    /// Its name (BT-85).
    pub name: Option<&'a str>,
    /// Its bank.
    pub bic: Option<&'a str>,
    /// The bank's number in the country, where there is no IBAN, which has it.
    pub routing_number: Option<&'a str>,
    /// The bank's name.
    pub bank_name: Option<&'a str>,
}

impl<'a> PayeeAccount<'a> {
    fn of_order(account: &'a Account) -> Option<Self> {
        let Account { iban, account_number, routing_number, name, bic, bank_name } = account;
        let name = filled(name.as_ref());
        Some(Self { name, ..Self::of([iban, account_number, routing_number, bic, bank_name])? })
    }

    fn of_seller(seller: &'a Seller) -> Option<Self> {
        let Seller { iban, account_number, routing_number, bic, bank_name, .. } = seller;
        Self::of([iban, account_number, routing_number, bic, bank_name])
    }

    /// An account by its IBAN, or else by its number.
    fn of(parts: [&'a Option<String>; 5]) -> Option<Self> {
        let [iban, number, routing_number, bic, bank_name] = parts.map(|part| filled(part.as_ref()));
        let routing_number = routing_number.filter(|_| iban.is_none());
        let id = iban.or(number)?;
        Some(Self { id, is_iban: iban.is_some(), name: None, bic, routing_number, bank_name })
    }

    /// What identifies the bank (BT-86): its national number where the account's is one, or the BIC.
    pub fn bank(self) -> Option<&'a str> {
        self.routing_number.or(self.bic)
    }
}

impl<'a> PaymentMeans<'a> {
    /// The means of a document, at least one: what the order says, or else a transfer to the seller's account.
    ///
    /// Those of a credit note are undefined, since it is not known whether and by what the amount is paid back; a Dutch one names the
    /// seller's account all the same (NL-R-008).
    pub fn all(document: &'a Document) -> Vec<Self> {
        let in_euros = document.currency == "EUR";
        if let Some(payment) = stated(document) {
            return Self::of_order(payment, in_euros);
        }
        let seller = &document.seller;
        let is_paid_to_seller = matches!(document.kind, Kind::Invoice { .. }) || seller.country == "NL";
        let is_paid = is_paid_to_seller && !is_without_accounts(document);
        let account = PayeeAccount::of_seller(seller).filter(|_| is_paid);
        let by = account.map(By::Account);
        // Undefined means need no account (BR-61).
        let code = account.map_or("1", |account| of_transfer(in_euros && account.is_iban));
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
        let accounts: Vec<PayeeAccount<'a>> = accounts.iter().filter_map(PayeeAccount::of_order).collect();
        if accounts.is_empty() {
            return vec![means("1", By::Unknown)];
        }
        // One code for all (UBL-SR-47): SEPA knows IBANs only.
        let is_sepa = in_euros && accounts.iter().all(|account| account.is_iban);
        let of_accounts = accounts.iter().map(|account| means(of_transfer(is_sepa), By::Account(*account)));
        let mut all: Vec<Self> = of_accounts.collect();
        // A document has the words once (UBL-SR-46).
        all.iter_mut().skip(1).for_each(|means| means.text = None);
        all
    }

    /// The direct debit of a document.
    pub fn direct_debit(document: &'a Document) -> Option<&'a DirectDebit> {
        stated(document)?.direct_debit.as_ref()
    }
}

/// What the order says.
fn stated(document: &Document) -> Option<&Payment> {
    document.details.payment.as_ref().filter(|_| !is_without_accounts(document))
}

/// A specimen is no invoice: nothing is paid or collected by it, and it has no account number of anybody.
fn is_without_accounts(document: &Document) -> bool {
    document.edition >= 3 && document.seller.is_specimen
}

/// A SEPA transfer or another one.
fn of_transfer(is_sepa: bool) -> &'static str {
    if is_sepa { "58" } else { "30" }
}
