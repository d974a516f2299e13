//! Issuing the invoice of an order.

use waybill_service::sql::{Statement as _, statement};
use waybill_service::time::Moment;

use crate::events::PlacedOrder;
use crate::outcome::Outcome;
use crate::refusal::Refusal;
use crate::seller::current_seller::CurrentSeller;

statement!(FindInvoiceOfOrder, "sql/find_invoice_of_order.sql");
statement!(IssueInvoice, "sql/issue_invoice.sql", execution: SerializedGroupCommit);

/// How often the bill is computed again when the seller has changed meanwhile.
const ATTEMPTS: usize = 5;

/// Writes the invoice of an order with the next number of its series, in one statement.
///
/// Its bill is computed here, once, for the seller as it was read last; the statement writes it if the seller still is so.
///
/// The order's row serializes the events of one order, so a redelivery finds the invoice and takes no number. Should two get
/// past it, the constraint `invoices_one_per_order` aborts the statement of the slower one, which returns its number: so there is
/// no gap, which `ON CONFLICT DO NOTHING` would make.
pub fn issue_invoice(order: &PlacedOrder) -> Result<Outcome, Refusal> {
    let seller_id = order.details.seller_id();
    let mut seller = CurrentSeller::known(seller_id).map_err(Refusal::Failed)?;
    for _ in 0..ATTEMPTS {
        let document = match order.document(&seller) {
            Ok(document) => document,
            Err(fault) => {
                let now = CurrentSeller::read(seller_id).map_err(Refusal::Failed)?;
                if now.json() != seller.json() {
                    seller = now;
                    continue;
                }
                // The seller and the customer of the invoice that the order may have are not those of now.
                return if is_invoiced(order)? {
                    Ok(Outcome::DoneBefore)
                } else {
                    Err(Refusal::Rejected(fault))
                };
            }
        };
        let now = Moment::now();
        let invoice = IssueInvoice {
            invoice_id: now.identifier(),
            order_id: order.order_id,
            customer_id: &order.customer_id,
            amount: order.amount,
            currency: &order.currency,
            customer: &order.customer,
            lines: &order.lines_json,
            document: &document,
            seller_id,
            seller: seller.json(),
            event_id: order.event_id,
            credit_note_id: now.identifier(),
            issued_id: now.identifier(),
            paid_id: now.identifier(),
            credited_id: now.identifier(),
        };
        match invoice.query_one_in(order.trace.as_ref()) {
            Ok(row) if row.is_seller_current => return Ok(Outcome::of(row.issued)),
            Ok(_) => seller = CurrentSeller::read(seller_id).map_err(Refusal::Failed)?,
            Err(error) if error.violates("invoices_one_per_order") => return Ok(Outcome::DoneBefore),
            Err(error) => return Err(Refusal::Failed(error)),
        }
    }
    Err(Refusal::Postponed("the seller was changed at each attempt".to_owned()))
}

fn is_invoiced(order: &PlacedOrder) -> Result<bool, Refusal> {
    let row = FindInvoiceOfOrder { order_id: order.order_id }.query_one().map_err(Refusal::Failed)?;
    Ok(row.is_invoiced)
}
