//! Noting that an order is paid.

use waybill_service::sql::{self as database, SqlError};
use waybill_service::time::Moment;

use crate::events::ChangedOrder;
use crate::outcome::Outcome;
use crate::sql::NOTE_PAYMENT;

/// Notes the payment of an order, in one statement. It may come before the order's invoice, which is paid then from the start.
pub fn note_payment(order: &ChangedOrder) -> Result<Outcome, SqlError> {
    let parameters = [
        database::uuid(order.order_id),
        database::text(order.changed_at.as_ref()),
        database::uuid(Moment::now().identifier()),
    ];
    let noted = database::query_one_in(order.trace.as_ref(), &NOTE_PAYMENT, &parameters)?.int4()?;
    Ok(Outcome::of(noted))
}
