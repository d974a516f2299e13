//! Orders and their documents, made up from a seed, to check what is written of them.
//!
//! A [`Made`] is an order as a client posts it, and the invoice or credit note that it becomes. Each property that varies is a
//! function of [`dimensions`]: a new one is a function there and a line here.

mod dimensions;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use waybill_contracts::{Line, sum_with_tax};
use waybill_documents::{Bill, Document, example};

/// An order and its document.
#[derive(Clone, Debug)]
pub struct Made {
    /// The body of `POST /orders`.
    pub order: Value,
    /// What it is billed or credited by.
    pub document: Document,
}

impl Made {
    /// The order and the document of a seed; the same seed makes the same.
    pub fn of(seed: u64) -> Self {
        let random = &mut StdRng::seed_from_u64(seed);
        let (order, amount, lines) = order(random);
        let currency = order["currency"].as_str().unwrap_or_default().to_owned();
        let document = Document {
            kind: dimensions::kind(random),
            currency,
            customer_id: dimensions::customer_id(random),
            customer: dimensions::customer(random),
            seller: dimensions::seller(random),
            bill: Bill::of(amount, &lines),
            details: dimensions::details(random),
            ..example::invoice()
        };
        Self { order, document }
    }
}

/// An order that the service takes, with its amount and lines.
fn order(random: &mut StdRng) -> (Value, i64, Vec<Line>) {
    loop {
        let currency = dimensions::currency(random);
        let lines = dimensions::lines(random);
        if lines.is_empty() {
            let amount = dimensions::amount(random);
            return (json!({ "currency": currency, "amount": amount }), amount, lines);
        }
        // Sums beyond what the service takes are made again.
        if let Some(amount) = sum_with_tax(&lines) {
            return (json!({ "currency": currency, "lines": lines }), amount, lines);
        }
    }
}
