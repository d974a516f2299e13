//! The events of orders, as the invoices service reads them. The second reader is the type of the contract.

use invoices::fuzzing::{ChangedOrder, PlacedOrder};
use serde_json::Value;
use waybill_billing::{faults, total};
use waybill_contracts::{MAX_AMOUNT, MIN_AMOUNT, OrderChanged, OrderCreated, minor_unit_digits};
use waybill_service::text::LineOfText;
use waybill_service::time::Moment;

/// The longest reason of a rejection, in bytes: it is a header of a dead letter.
const MAX_REASON_BYTES: usize = 1_000;

pub fn check(data: &[u8]) {
    match PlacedOrder::read(data) {
        Ok(order) => placed(&order, data),
        Err(reason) => refused(&reason),
    }
    match ChangedOrder::read(data) {
        Ok(order) => {
            assert!(Moment::read(&order.changed_at).is_some());
            if let Ok(event) = serde_json::from_slice::<OrderChanged>(data) {
                assert_eq!((order.order_id, &*order.changed_at), (event.order_id, &*event.changed_at));
                let written = serde_json::to_vec(&event).unwrap();
                let again = ChangedOrder::read(&written).unwrap();
                assert_eq!((again.order_id, again.changed_at), (order.order_id, order.changed_at));
            }
        }
        Err(reason) => refused(&reason),
    }
}

fn refused(reason: &str) {
    assert!(!reason.is_empty() && reason.len() <= MAX_REASON_BYTES, "{} bytes", reason.len());
}

fn placed(order: &PlacedOrder, data: &[u8]) {
    assert!((MIN_AMOUNT..=MAX_AMOUNT).contains(&order.amount));
    assert!(LineOfText::LONG.allows(&order.customer_id));
    assert!(minor_unit_digits(&order.currency).is_some());
    let lines = order.lines.clone();
    assert_eq!(serde_json::to_string(&lines).unwrap(), order.lines_json);
    assert_eq!(faults(&order.currency, &lines, &order.details), []);
    // The sum is compared with the amount when the bill is made.
    if !lines.is_empty() {
        assert!(total(&lines, &order.details).is_none_or(|sum| (MIN_AMOUNT..=MAX_AMOUNT).contains(&sum)));
    }
    assert!(serde_json::from_str::<Value>(&order.customer).unwrap().is_object());
    for stored in [&order.lines_json, &order.customer] {
        assert!(!serde_json::from_str::<Value>(stored).unwrap().to_string().contains("\\u0000"));
    }
    let Ok(event) = serde_json::from_slice::<OrderCreated>(data) else { return };
    let of_event = |event: &OrderCreated| {
        (
            event.order_id,
            event.amount,
            event.customer.id.to_string(),
            event.currency.to_string(),
            event.lines.to_vec(),
        )
    };
    let read =
        (order.order_id, order.amount, order.customer_id.to_string(), order.currency.to_string(), lines);
    assert_eq!(read, of_event(&event));
    let written = serde_json::to_vec(&event).unwrap();
    assert_eq!(serde_json::from_slice::<OrderCreated>(&written).unwrap(), event);
    let again = PlacedOrder::read(&written).unwrap();
    assert_eq!(
        (again.order_id, &again.lines_json, &again.customer),
        (order.order_id, &order.lines_json, &order.customer)
    );
}
