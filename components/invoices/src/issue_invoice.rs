//! Issuing the invoice of an order.

use waybill_service::sql::{self as database, SqlError};
use waybill_service::time::Moment;

use crate::events::PlacedOrder;
use crate::outcome::Outcome;
use crate::sql::ISSUE_INVOICE;

/// Writes the invoice of an order with the next number of its series, in one statement.
///
/// The events of one order take turns by the order's row, so that a redelivery finds the invoice and takes no number. Should
/// two get past it, the constraint `invoices_one_per_order` aborts the statement of the slower one, and with it goes its
/// number: so there is no gap, which `ON CONFLICT DO NOTHING` would leave.
pub fn issue_invoice(order: &PlacedOrder) -> Result<Outcome, SqlError> {
    let now = Moment::now();
    let written = database::query_one_in(
        order.trace.as_ref(),
        &ISSUE_INVOICE,
        &[
            database::uuid(now.identifier()),
            database::uuid(order.order_id),
            database::text(order.customer_id.as_ref()),
            database::int8(order.amount),
            database::text(order.currency.as_ref()),
            database::text(order.customer.as_str()),
            database::text(order.lines.as_str()),
            database::uuid(now.identifier()),
            database::uuid(now.identifier()),
            database::uuid(now.identifier()),
            database::uuid(now.identifier()),
        ],
    );
    match written {
        Ok(mut row) => Ok(Outcome::of(row.int4()?)),
        Err(error) if error.violates("invoices_one_per_order") => Ok(Outcome::DoneBefore),
        Err(error) => Err(error),
    }
}
