//! Orders and their documents, made up from a seed, to check what is written of them.
//!
//! A [`Made`] is an order as a client posts it, and the invoice or credit note that it becomes. Each property that varies is a
//! function of `dimensions` (what is sold), `details` (what the order says besides) or `parties`: a new one is a function
//! there.

mod details;
mod dimensions;
mod parties;
mod payment;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::{Value, json};
use waybill_billing::{Bill, Destination, Parties, bill, faults, total};
use waybill_contracts::InvoiceDetails;
use waybill_documents::{Customer, Document, Kind, Seller, example};

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
        let (seller, customer) = (parties::seller(random), parties::customer(random));
        let (mut order, currency, mut details, bill) = billable_order(random, &seller, &customer);
        let (kind, customer_id) = (parties::kind(random), parties::customer_id(random));
        payment::add(random, bill.total, &mut order, &mut details);
        if matches!(kind, Kind::CreditNote { .. }) {
            // It asks for no payment, and takes back what the invoice asks for.
            (details.payment, details.cash_discounts) = (None, Vec::new());
            (details.due_date, details.payment_terms, details.note) = (None, None, None);
        }
        let document =
            Document { kind, currency, customer_id, customer, seller, bill, details, ..example::invoice() };
        Self { order, document }
    }
}

/// The body of an order of a seed that this seller can bill to this customer; the same seed makes the same.
pub fn order_between(seed: u64, seller: &Seller, customer: &Customer) -> Value {
    let random = &mut StdRng::seed_from_u64(seed);
    let (mut order, _, mut details, bill) = billable_order(random, seller, customer);
    payment::add(random, bill.total, &mut order, &mut details);
    order
}

/// What the service refuses is made again.
fn billable_order(
    random: &mut StdRng,
    seller: &Seller,
    customer: &Customer,
) -> (Value, String, InvoiceDetails, Bill) {
    std::iter::repeat_with(|| order(random, seller, customer))
        .find_map(|made| made)
        .expect("some order can be billed")
}

/// An order with its currency, its details and its bill; `None` if the service does not take it.
fn order(
    random: &mut StdRng,
    seller: &Seller,
    customer: &Customer,
) -> Option<(Value, String, InvoiceDetails, Bill)> {
    let currency = dimensions::currency(random);
    let lines = dimensions::lines(random, seller.exemption_reason.is_some());
    let details = details::details(random, &lines);
    if !faults(&currency, &lines, &details).is_empty() {
        return None;
    }
    let amount = if lines.is_empty() { dimensions::amount(random) } else { total(&lines, &details)? };
    let delivery = details.delivery.as_ref();
    let delivered = delivery.and_then(|it| Destination::of(it.country.as_ref(), it.zip_code.as_ref()));
    let of_customer = || Destination::of(customer.country.as_ref(), customer.zip_code.as_ref());
    let parties = Parties {
        vat_id: seller.vat_id.clone(),
        tax_number: seller.tax_number.clone(),
        exemption_reason: seller.exemption_reason.clone(),
        amount_tax_rate_basis_points: seller.amount_tax_rate_basis_points,
        buyer_vat_id: customer.vat_id.clone(),
        has_buyer_company_id: customer.company_id.is_some(),
        destination: delivered.or_else(of_customer),
    };
    let bill = bill(amount, &currency, &lines, &details, &parties).ok()?;
    let mut order = json!(details);
    order["currency"] = json!(currency);
    if lines.is_empty() {
        order["amount"] = json!(amount);
    } else {
        order["lines"] = json!(lines);
    }
    Some((order, currency, details, bill))
}
