//! The JSON bodies of requests. The second reader is `serde_json`.

use invoices::fuzzing::NewEndpoint;
use orders::fuzzing::{CustomerChange, NewCustomer, NewOrder};
use serde_json::{Map, Value};
use waybill_billing::{faults, total};
use waybill_contracts::{Line, MAX_AMOUNT, MIN_AMOUNT, minor_unit_digits};
use waybill_service::Problem;
use waybill_service::fields::{Fields, from_json};
use waybill_service::text::LineOfText;

/// What an answer may have for each byte of a request, and beside that.
const ANSWER_BYTES: (usize, usize) = (64, 64 * 1024);

pub fn check(data: &[u8]) {
    if let Some(order) = read::<NewOrder>(data) {
        check_order(order, data);
    }
    read::<NewCustomer>(data);
    read::<CustomerChange>(data);
    read::<NewEndpoint>(data);
}

/// Reads the fields, and checks a refusal.
pub(crate) fn read<T: Fields>(data: &[u8]) -> Option<T> {
    let value: Option<Value> = serde_json::from_slice(data).ok();
    match from_json::<T>(data) {
        Ok(read) => Some(read),
        Err(problem) => {
            refused(problem, value.as_ref(), data);
            None
        }
    }
}

fn refused(problem: Problem, value: Option<&Value>, data: &[u8]) {
    // What is JSON is never refused as none.
    let expected: &[u16] = if value.is_some() { &[422] } else { &[400, 422] };
    assert!(expected.contains(&problem.status().as_u16()), "{problem:?}");
    let is_object = value.is_some_and(Value::is_object);
    assert!(!is_object || !problem.errors().is_empty(), "{problem:?}");
    let response = problem.into_response();
    assert!(response.body().len() <= ANSWER_BYTES.0 * data.len() + ANSWER_BYTES.1);
    let document: Value = serde_json::from_slice(response.body()).unwrap();
    assert_eq!(document["status"].as_u64(), Some(response.status().as_u16().into()));
}

fn check_order(order: NewOrder, data: &[u8]) {
    assert!(LineOfText::LONG.allows(&order.customer_id));
    let Ok(checked) = order.checked() else { return };
    assert!((MIN_AMOUNT..=MAX_AMOUNT).contains(&checked.amount));
    assert!(minor_unit_digits(&checked.currency).is_some());
    assert_eq!(faults(&checked.currency, &checked.lines, &checked.details), []);
    // The second reader is that of the contract: what was read is what an event says.
    let mut value: Value = serde_json::from_slice(data).unwrap();
    // Beside taxes by their own names, the contract has a rate of 0 in category S, and a request neither.
    each_with_taxes(&mut value, |it| {
        it.insert("taxRateBasisPoints".into(), 0.into());
        it.insert("taxCategory".into(), "S".into());
    });
    let lines: Vec<Line> =
        value.get("lines").map(|lines| serde_json::from_value(lines.clone()).unwrap()).unwrap_or_default();
    assert_eq!(checked.lines, lines);
    if !lines.is_empty() {
        assert_eq!(total(&lines, &checked.details), Some(checked.amount));
    }
    // What is written of it is read as the same.
    let mut written = serde_json::to_value(&checked.details).unwrap();
    written["amount"] = checked.amount.into();
    written["customerId"] = checked.customer_id.clone().into();
    written["currency"] = checked.currency.clone().into();
    if !lines.is_empty() {
        written["lines"] = serde_json::to_value(&lines).unwrap();
    }
    each_with_taxes(&mut written, |it| {
        it.remove("taxRateBasisPoints");
        it.remove("taxCategory");
    });
    let again: NewOrder = from_json(&serde_json::to_vec(&written).unwrap()).unwrap();
    assert_eq!(again.checked().unwrap(), checked);
}

/// Changes the lines, allowances and charges that have taxes by their own names.
fn each_with_taxes(order: &mut Value, change: impl Fn(&mut Map<String, Value>)) {
    for list in ["lines", "allowances", "charges"] {
        let items = order.get_mut(list).and_then(Value::as_array_mut);
        let objects = items.into_iter().flatten().filter_map(Value::as_object_mut);
        objects.filter(|object| object.contains_key("taxes")).for_each(&change);
    }
}
