//! How an order is paid: by whom, when, and what was paid before.

use rand::Rng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use waybill_contracts::{Account, Card, CashDiscount, DirectDebit, InvoiceDetails, Payment, Prepayment};

use crate::dimensions::{maybe, once_in, one_of, text};

const IBANS: [&str; 5] = [
    "DE02120300000000202051",
    "CH9300762011623852957",
    "NL91ABNA0417164300",
    "DK5000400440116243",
    "IS140159260076545510730339",
];

/// Adds means, discounts and prepayments to an order over `total`, each or not.
pub fn add(random: &mut StdRng, total: i64, order: &mut Value, details: &mut InvoiceDetails) {
    details.payment = once_in(random, 2).then(|| means(random));
    let has_hash = details.payment_terms.as_ref().is_some_and(|text| text.contains('#'));
    if once_in(random, 4) && !has_hash {
        let discount = |random: &mut StdRng| CashDiscount {
            days: random.random_range(1..=60),
            rate_basis_points: random.random_range(1..1000),
        };
        details.cash_discounts = (0..random.random_range(1..=3)).map(|_| discount(random)).collect();
    }
    if once_in(random, 4) {
        let mut rest = total;
        for _ in 0..random.random_range(1..=3) {
            if rest == 0 {
                break;
            }
            let amount = if once_in(random, 5) { rest } else { random.random_range(1..=rest) };
            rest -= amount;
            details.prepayments.push(Prepayment {
                amount,
                tax_amount: once_in(random, 2).then_some(amount / 6),
                invoice_number: maybe(random, text),
                date: maybe(random, |_| "2026-06-30".into()),
            });
        }
    }
    let said = json!(details);
    for name in ["payment", "cashDiscounts", "prepayments"] {
        if let Some(value) = said.get(name) {
            order[name] = value.clone();
        }
    }
}

fn means(random: &mut StdRng) -> Payment {
    let payment = Payment { text: maybe(random, text), ..Payment::default() };
    match random.random_range(0..4) {
        0 => {
            let account = |random: &mut StdRng| {
                let is_iban = !once_in(random, 4);
                Account {
                    iban: is_iban.then(|| one_of(random, &IBANS).into()),
                    account_number: (!is_iban).then(|| "159260076545".into()),
                    routing_number: (!is_iban && once_in(random, 2)).then(|| "021000021".into()),
                    name: maybe(random, text),
                    bic: maybe(random, |_| "BYLADEM1001".into()),
                    bank_name: maybe(random, text),
                }
            };
            let accounts = (0..random.random_range(1..=3)).map(|_| account(random)).collect();
            Payment { accounts, code: once_in(random, 3).then(|| "42".into()), ..payment }
        }
        1 => {
            let card = Card { last_digits: "4242".into(), holder: maybe(random, text) };
            Payment { card: Some(card), code: once_in(random, 3).then(|| "54".into()), ..payment }
        }
        2 => {
            let debit = DirectDebit {
                mandate_reference: "M-2026-17".into(),
                creditor_id: "DE98ZZZ09999999999".into(),
                iban: one_of(random, &IBANS).into(),
            };
            Payment { direct_debit: Some(debit), ..payment }
        }
        _ => Payment {
            code: Some(one_of(random, &["1", "10", "20", "57", "68", "97", "ZZZ"]).into()),
            ..payment
        },
    }
}
