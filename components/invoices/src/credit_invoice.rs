//! Crediting the invoice of a canceled order.

use waybill_service::sql::{SqlError, Statement as _, statement};
use waybill_service::time::Moment;

use crate::events::ChangedOrder;
use crate::outcome::Outcome;

statement!(CreditInvoice, "sql/credit_invoice.sql");

/// Records that an order is canceled and writes a credit note over its invoice with the next number of its series, in one
/// statement. An invoice that does not exist yet is credited when it is issued.
pub fn credit_invoice(order: &ChangedOrder) -> Result<Outcome, SqlError> {
    let now = Moment::now();
    let credit = CreditInvoice {
        order_id: order.order_id,
        canceled_at: &order.changed_at,
        event_id: order.event_id,
        api_key: order.api_key_id.as_deref(),
        credit_note_id: now.identifier(),
        webhook_event_id: now.identifier(),
    };
    Ok(Outcome::of(credit.query_one_in(order.trace.as_ref())?.written))
}
