//! Issuing the invoice of an order.

use waybill_service::sql::{self as database, SqlError};
use waybill_service::time::Moment;

use crate::sql::ISSUE_INVOICE;
use crate::take_in::PlacedOrder;

/// What taking in an event led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The order has its invoice now.
    Issued,
    /// The order had its invoice already; nothing changed.
    AlreadyIssued,
}

/// Writes the invoice of an order with the next number of its series, in one statement.
///
/// A redelivery finds the invoice and takes no number. When two deliveries race, both take a number, the constraint
/// `invoices_one_per_order` aborts the statement of the slower one, and with it goes its number: so there is no gap, which
/// `ON CONFLICT DO NOTHING` would leave.
pub fn issue_invoice(order: &PlacedOrder) -> Result<Outcome, SqlError> {
    let written = database::query_one_in(
        order.trace.as_ref(),
        &ISSUE_INVOICE,
        &[
            database::uuid(Moment::now().identifier()),
            database::uuid(order.order_id),
            database::text(order.customer_id.as_ref()),
            database::int8(order.amount),
            database::text(order.currency.as_ref()),
        ],
    );
    match written {
        Ok(mut row) => Ok(if row.int4()? == 1 { Outcome::Issued } else { Outcome::AlreadyIssued }),
        Err(error) if error.violates("invoices_one_per_order") => Ok(Outcome::AlreadyIssued),
        Err(error) => Err(error),
    }
}
