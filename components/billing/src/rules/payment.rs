//! Which ways of payment can be billed.

use waybill_contracts::{Account, CashDiscount, InvoiceDetails, Payment, Prepayment};

use super::{Faults, MAX_ALLOWANCES};
use crate::codes::{PAYMENT_CODE_RULE, is_payment_code};
use crate::fault::Fault;

/// The most accounts that an order may be paid to.
pub const MAX_ACCOUNTS: usize = 10;

/// The most discounts for an early payment.
pub const MAX_CASH_DISCOUNTS: usize = 5;

/// The most days of a discount for an early payment.
pub const MAX_DISCOUNT_DAYS: i32 = 366;

/// Whether an order in a currency can be paid so.
pub fn is_payable_by(currency: &str, payment: &Payment) -> bool {
    let mut faults = Faults(Vec::new());
    faults.of_means(currency, payment);
    faults.0.is_empty()
}

/// Whether an amount may have so much tax in it, by a rate of at most 100 % and rounded.
pub fn may_be_tax_in(tax: i64, amount: i64) -> bool {
    (0..amount).contains(&tax) && tax <= (amount - tax).saturating_add(1)
}

/// The first fault of discounts for an early payment.
pub fn cash_discount_fault(discounts: &[CashDiscount]) -> Option<Fault> {
    let mut faults = Faults(Vec::new());
    faults.of_cash_discounts(discounts);
    faults.0.into_iter().next()
}

impl Faults {
    pub(super) fn of_payment(&mut self, currency: &str, details: &InvoiceDetails) {
        self.of_cash_discounts(&details.cash_discounts);
        let are_few = details.prepayments.len() <= MAX_ALLOWANCES;
        self.check(are_few, "prepayments", format_args!("must be at most {MAX_ALLOWANCES}"));
        for (index, Prepayment { amount, tax_amount, .. }) in details.prepayments.iter().enumerate() {
            self.of_amount(format_args!("prepayments[{index}].amount"), *amount);
            self.check(
                tax_amount.is_none_or(|tax| may_be_tax_in(tax, *amount)),
                format_args!("prepayments[{index}].taxAmount"),
                "must be at most half of the amount, which is a tax of 100 %",
            );
        }
        if let Some(payment) = &details.payment {
            self.of_means(currency, payment);
        }
        let text = details.payment_terms.iter().flat_map(|text| text.lines());
        let has_hash = text.map(str::trim_start).any(|line| line.starts_with('#'));
        self.check(
            details.cash_discounts.is_empty() || !has_hash,
            "paymentTerms",
            "must have no line that begins with # beside cashDiscounts",
        );
    }

    fn of_cash_discounts(&mut self, discounts: &[CashDiscount]) {
        let are_few = discounts.len() <= MAX_CASH_DISCOUNTS;
        self.check(are_few, "cashDiscounts", format_args!("must be at most {MAX_CASH_DISCOUNTS}"));
        for (index, CashDiscount { days, rate_basis_points }) in discounts.iter().enumerate() {
            self.check(
                (1..=MAX_DISCOUNT_DAYS).contains(days),
                format_args!("cashDiscounts[{index}].days"),
                format_args!("must be from 1 to {MAX_DISCOUNT_DAYS}"),
            );
            self.check(
                (1..10_000).contains(rate_basis_points),
                format_args!("cashDiscounts[{index}].rateBasisPoints"),
                "must be from 1 to 9999: 200 is 2 %",
            );
        }
    }

    /// Transfer, card and direct debit exclude each other, and have the codes of their own (BR-61, BR-DE-23 to BR-DE-25).
    fn of_means(&mut self, currency: &str, payment: &Payment) {
        let Payment { code, accounts, card, direct_debit, .. } = payment;
        let are_few = accounts.len() <= MAX_ACCOUNTS;
        self.check(are_few, "payment.accounts", format_args!("must be at most {MAX_ACCOUNTS}"));
        let is_one = |account: &Account| account.iban.is_some() != account.account_number.is_some();
        self.check(
            accounts.iter().all(is_one),
            "payment.accounts",
            "must each have either an iban or an accountNumber",
        );
        let kinds = [!accounts.is_empty(), card.is_some(), direct_debit.is_some()];
        let count = kinds.iter().filter(|is_given| **is_given).count();
        self.check(count <= 1, "payment", "must have either accounts, or a card, or a directDebit");
        let Some(code) = code.as_deref() else {
            return self.check(
                count > 0,
                "payment.code",
                "is required without accounts, card and directDebit",
            );
        };
        self.check(is_payment_code(code), "payment.code", PAYMENT_CODE_RULE);
        let is_sepa = matches!(code, "58" | "59");
        self.check(
            !is_sepa || currency == "EUR",
            "payment.code",
            "must be 30 or 49 in other currencies than EUR: 58 and 59 are SEPA's",
        );
        for (index, account) in accounts.iter().enumerate() {
            self.check(
                !is_sepa || account.iban.is_some(),
                format_args!("payment.accounts[{index}].iban"),
                "is required for code 58",
            );
        }
        let of_code = match code {
            // Transfers are paid to an account.
            "30" | "31" | "42" | "58" => [true, false, false],
            "48" | "54" | "55" => [false, true, false],
            "49" | "59" => [false, false, true],
            _ => [kinds[0], false, false],
        };
        for (name, (is_given, is_right)) in
            ["accounts", "card", "directDebit"].into_iter().zip(kinds.into_iter().zip(of_code))
        {
            let rule = if is_right { "is required for" } else { "must be left out of" };
            self.check(
                is_given == is_right,
                format_args!("payment.{name}"),
                format_args!("{rule} code {code}"),
            );
        }
    }
}
