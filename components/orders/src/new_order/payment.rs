//! How a new order is paid.

use serde::Serialize;
use waybill_billing::{MAX_ACCOUNTS, MAX_DISCOUNT_DAYS, PAYMENT_CODE_RULE, is_payment_code};
use waybill_contracts::{Account, Card, CashDiscount, DirectDebit, Payment, Prepayment};
use waybill_service::Fields;
use waybill_service::faults::Faults;
use waybill_service::rules::account::{
    ACCOUNT_NUMBER, BIC, CREDITOR_ID, IBAN, LAST_DIGITS, ROUTING_NUMBER, is_one_account,
};
use waybill_service::rules::{Integer, Items, Object, Text};
use waybill_service::text::LineOfText;

use crate::customer::DATE;

const PAYMENT_CODE: Text<String> = Text {
    rule: PAYMENT_CODE_RULE,
    read: |code| Some(code.to_owned()).filter(|code| is_payment_code(code)),
    #[cfg(not(target_family = "wasm"))]
    schema: |schema| schema.pattern(Some("^([1-9][0-9]?|ZZZ)$")),
};

/// How a new order is paid, where it is not by a transfer to the seller's account (BG-16).
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewPayment {
    /// A code of UNTDID 4461 (BT-81), where it does not follow from what else is given: `10` is cash, `68` an online service.
    #[rule(PAYMENT_CODE)]
    code: Option<String>,
    /// In words (BT-82).
    #[rule(LineOfText::LONG)]
    text: Option<String>,
    /// The accounts that it may be transferred to (BG-17).
    #[rule(Items::<NewAccount>::up_to(MAX_ACCOUNTS, "accounts"))]
    accounts: Option<Vec<NewAccount>>,
    /// The card that is charged (BG-18).
    #[rule(Object::<NewCard>::new())]
    card: Option<NewCard>,
    /// The account that it is collected from (BG-19).
    #[rule(Object::<NewDirectDebit>::new())]
    direct_debit: Option<NewDirectDebit>,
}

/// An account that a customer pays to: an `iban`, or an `accountNumber` where the country has no IBANs.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
#[fields(check = is_one_account(iban, account_number, routing_number))]
#[fields(check = is_some_account(iban, account_number))]
pub struct NewAccount {
    /// The IBAN (BT-84); spaces are removed.
    #[rule(IBAN, example = "DE02120300000000202051")]
    iban: Option<String>,
    /// The number of an account that has no IBAN (BT-84).
    #[rule(ACCOUNT_NUMBER, example = "123456789")]
    account_number: Option<String>,
    /// The number of its bank in the country, such as an ABA routing number or a BSB (BT-86).
    #[rule(ROUTING_NUMBER, example = "021000021")]
    routing_number: Option<String>,
    /// Whose it is, or what it is called (BT-85).
    #[rule(LineOfText::LONG)]
    name: Option<String>,
    /// Its bank (BT-86), where there is no `routingNumber`.
    #[rule(BIC)]
    bic: Option<String>,
    /// The name of its bank, as it is printed.
    #[rule(LineOfText::LONG)]
    bank_name: Option<String>,
}

fn is_some_account(
    iban: Option<&Option<String>>,
    account_number: Option<&Option<String>>,
    faults: &mut Faults,
) {
    if let (Some(None), Some(None)) = (iban, account_number) {
        faults.add("iban", "or accountNumber is required");
    }
}

/// A card that is charged.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewCard {
    /// The last four to six digits of its number (BT-87).
    #[rule(LAST_DIGITS)]
    last_digits: String,
    /// Whose it is (BT-88).
    #[rule(LineOfText::LONG)]
    holder: Option<String>,
}

/// A SEPA direct debit.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewDirectDebit {
    /// The mandate that the customer gave (BT-89).
    #[rule(LineOfText::CODE)]
    mandate_reference: String,
    /// The seller's creditor identifier (BT-90); spaces are removed.
    #[rule(CREDITOR_ID)]
    creditor_id: String,
    /// The IBAN of the account that is debited (BT-91); spaces are removed.
    #[rule(IBAN)]
    iban: String,
}

/// A discount for a payment within some days.
#[derive(Clone, Debug, PartialEq, Eq, Fields, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewCashDiscount {
    /// The days after the day of issue.
    #[rule(Integer::new(1, MAX_DISCOUNT_DAYS))]
    days: i32,
    /// Basis points of the amount: 200 is 2 %.
    #[rule(Integer::new(1, 9_999))]
    rate_basis_points: i32,
}

/// A deposit, or another payment before the invoice of a new order.
#[derive(Clone, Debug, PartialEq, Eq, Fields)]
pub struct NewPrepayment {
    /// Minor units, with tax.
    #[rule(Integer::minor_units(1))]
    amount: i64,
    /// The tax in it, in minor units, where an invoice of its own stated it.
    #[rule(Integer::minor_units(0))]
    tax_amount: Option<i64>,
    /// The number of that invoice (BT-25).
    #[rule(LineOfText::LONG)]
    invoice_number: Option<String>,
    /// The day of that invoice (BT-26), or else of the payment.
    #[rule(DATE)]
    date: Option<String>,
}

impl From<NewPayment> for Payment {
    fn from(NewPayment { code, text, accounts, card, direct_debit }: NewPayment) -> Self {
        let accounts = accounts.into_iter().flatten().map(Into::into).collect();
        Self { code, text, accounts, card: card.map(Into::into), direct_debit: direct_debit.map(Into::into) }
    }
}

impl From<NewAccount> for Account {
    fn from(account: NewAccount) -> Self {
        let NewAccount { iban, account_number, routing_number, name, bic, bank_name } = account;
        Self { iban, account_number, routing_number, name, bic, bank_name }
    }
}

impl From<NewCard> for Card {
    fn from(NewCard { last_digits, holder }: NewCard) -> Self {
        Self { last_digits, holder }
    }
}

impl From<NewDirectDebit> for DirectDebit {
    fn from(NewDirectDebit { mandate_reference, creditor_id, iban }: NewDirectDebit) -> Self {
        Self { mandate_reference, creditor_id, iban }
    }
}

impl From<NewCashDiscount> for CashDiscount {
    fn from(NewCashDiscount { days, rate_basis_points }: NewCashDiscount) -> Self {
        Self { days, rate_basis_points }
    }
}

impl From<NewPrepayment> for Prepayment {
    fn from(prepayment: NewPrepayment) -> Self {
        let NewPrepayment { amount, tax_amount, invoice_number, date } = prepayment;
        Self { amount, tax_amount, invoice_number, date }
    }
}
