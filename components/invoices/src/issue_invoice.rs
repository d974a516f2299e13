//! Issuing the invoice of an order.

use waybill_service::sql::{SqlError, Statement as _, statement};
use waybill_service::time::Moment;

use crate::events::PlacedOrder;
use crate::outcome::Outcome;

statement!(IssueInvoice, "sql/issue_invoice.sql", execution: SerializedGroupCommit);

/// Writes the invoice of an order with the next number of its series, in one statement.
///
/// The order's row serializes the events of one order, so a redelivery finds the invoice and takes no number. Should two get
/// past it, the constraint `invoices_one_per_order` aborts the statement of the slower one, which returns its number: so there is
/// no gap, which `ON CONFLICT DO NOTHING` would make.
pub fn issue_invoice(order: &PlacedOrder) -> Result<Outcome, SqlError> {
    let now = Moment::now();
    let invoice = IssueInvoice {
        invoice_id: now.identifier(),
        order_id: order.order_id,
        customer_id: &order.customer_id,
        amount: order.amount,
        currency: &order.currency,
        customer: &order.customer,
        lines: &order.lines,
        event_id: order.event_id,
        credit_note_id: now.identifier(),
        issued_id: now.identifier(),
        paid_id: now.identifier(),
        credited_id: now.identifier(),
    };
    match invoice.query_one_in(order.trace.as_ref()) {
        Ok(row) => Ok(Outcome::of(row.issued)),
        Err(error) if error.violates("invoices_one_per_order") => Ok(Outcome::DoneBefore),
        Err(error) => Err(error),
    }
}
