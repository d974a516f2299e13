//! What an order says of its invoice besides the lines.

use rand::Rng as _;
use rand::rngs::StdRng;
use waybill_contracts::{Allowance, Delivery, InvoiceDetails, Line, TaxCategory, TaxCurrency};

use crate::dimensions::{currency, maybe, once_in, one_of, text};

/// References, delivery, terms, notes, allowances and charges, each there or not.
pub fn details(random: &mut StdRng, lines: &[Line]) -> InvoiceDetails {
    let has_lines = !lines.is_empty();
    InvoiceDetails {
        seller_id: None,
        prices_include_tax: has_lines && once_in(random, 3),
        allowances: allowances(random, lines),
        charges: allowances(random, lines),
        note: maybe(random, text),
        buyer_reference: maybe(random, |_| "991-01234-44".into()),
        purchase_order: maybe(random, text),
        sales_order: maybe(random, text),
        project: maybe(random, text),
        contract: maybe(random, text),
        delivery: maybe(random, delivery),
        payment_terms: maybe(random, terms),
        due_date: maybe(random, |_| "2099-08-15".into()),
        tax_currency: once_in(random, 8).then(|| TaxCurrency {
            currency: currency(random),
            rate: "4.2731".parse().expect("the text is a number"),
            source: "ECB, 2026-07-01".into(),
        }),
        // Chosen when it is known what is to be paid.
        payment: None,
        cash_discounts: Vec::new(),
        prepayments: Vec::new(),
    }
}

/// Words, or discounts that a program reads.
fn terms(random: &mut StdRng) -> String {
    if once_in(random, 4) { "#SKONTO#TAGE=14#PROZENT=2.00#".into() } else { text(random) }
}

/// Allowances or charges, at the rates of lines or at others.
fn allowances(random: &mut StdRng, lines: &[Line]) -> Vec<Allowance> {
    if lines.is_empty() || !once_in(random, 5) {
        return Vec::new();
    }
    let allowance = |random: &mut StdRng| {
        let line = one_of(random, lines);
        let (tax_rate_basis_points, tax_category) = match random.random_range(0..6) {
            0 => (0, Some(one_of(random, &TaxCategory::ALL))),
            1 => (one_of(random, &[0, 700, 1900]), None),
            _ => (line.tax_rate_basis_points, line.tax_category),
        };
        Allowance {
            amount: 100 * random.random_range(1..50),
            reason: text(random),
            tax_rate_basis_points,
            tax_category,
            ..Allowance::default()
        }
    };
    (0..random.random_range(1..4)).map(|_| allowance(random)).collect()
}

/// A day or a period, and an address, each there or not.
fn delivery(random: &mut StdRng) -> Delivery {
    let day = |day: u32| Some(format!("2026-07-{day:02}"));
    let mut delivery = Delivery { name: maybe(random, text), ..Delivery::default() };
    match random.random_range(0..4) {
        0 => delivery.date = day(random.random_range(1..=31)),
        1 => {
            let start = random.random_range(1..=31);
            (delivery.start_date, delivery.end_date) = (day(start), day(random.random_range(start..=31)));
        }
        2 => delivery.end_date = day(random.random_range(1..=31)),
        _ => {}
    }
    if random.random() {
        delivery.address = maybe(random, text);
        delivery.address_line2 = maybe(random, text);
        delivery.subdivision = maybe(random, text);
        delivery.city = maybe(random, text);
        delivery.zip_code = maybe(random, |_| "28195".into());
        delivery.country = Some(one_of(random, &["DE", "FR", "US"]).into());
    }
    if random.random() {
        let (scheme, id) = one_of(
            random,
            &[(Some("0088"), "4012345678901"), (Some("0060"), "15-048-3782"), (None, "Gate 7")],
        );
        (delivery.location_id, delivery.location_id_scheme) = (Some(id.into()), scheme.map(str::to_owned));
    }
    delivery
}
