//! Recording that an order is paid.

use waybill_service::sql::{SqlError, Statement as _, statement};
use waybill_service::time::Moment;

use crate::events::ChangedOrder;
use crate::outcome::Outcome;

statement!(RecordPayment, "sql/record_payment.sql");

/// Records the payment of an order, in one statement. It may come before the order's invoice, which is then paid from the start.
pub fn record_payment(order: &ChangedOrder) -> Result<Outcome, SqlError> {
    let payment = RecordPayment {
        order_id: order.order_id,
        paid_at: &order.changed_at,
        event_id: order.event_id,
        api_key: order.api_key_id.as_deref(),
        webhook_event_id: Moment::now().identifier(),
    };
    Ok(Outcome::of(payment.query_one_in(order.trace.as_ref())?.written))
}
