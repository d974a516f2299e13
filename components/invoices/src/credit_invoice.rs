//! Crediting the invoice of a canceled order.

use waybill_service::sql::{self as database, SqlError};
use waybill_service::time::Moment;

use crate::events::ChangedOrder;
use crate::outcome::Outcome;
use crate::sql::CREDIT_INVOICE;

/// Notes that an order is canceled and writes a credit note over its invoice with the next number of its series, in one
/// statement. Where the invoice is not there yet, it is credited by whoever issues it.
pub fn credit_invoice(order: &ChangedOrder) -> Result<Outcome, SqlError> {
    let now = Moment::now();
    let parameters = [
        database::uuid(order.order_id),
        database::text(order.changed_at.as_ref()),
        database::uuid(now.identifier()),
        database::uuid(now.identifier()),
    ];
    let noted = database::query_one_in(order.trace.as_ref(), &CREDIT_INVOICE, &parameters)?.int4()?;
    Ok(Outcome::of(noted))
}
