//! The JSON bodies of requests. The second reader is `serde_json`.

use invoices::fuzzing::NewEndpoint;
use orders::fuzzing::{CustomerChange, NewCustomer, NewOrder};
use serde_json::{Value, json};
use waybill_contracts::{DEFAULT_CURRENCY, DEFAULT_CUSTOMER_ID, Line, MAX_AMOUNT, MIN_AMOUNT};
use waybill_service::Problem;
use waybill_service::fields::{Fields, from_json};

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
fn read<T: Fields>(data: &[u8]) -> Option<T> {
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
    let amount = order.amount_to_pay().unwrap();
    assert!((MIN_AMOUNT..=MAX_AMOUNT).contains(&amount));
    let value: Value = serde_json::from_slice(data).unwrap();
    assert_eq!(order.amount, value.get("amount").map(|amount| amount.as_i64().unwrap()));
    assert_eq!(
        order.customer_id,
        value.get("customerId").map_or(DEFAULT_CUSTOMER_ID, |id| id.as_str().unwrap())
    );
    assert_eq!(order.currency, value.get("currency").map_or(DEFAULT_CURRENCY, |code| code.as_str().unwrap()));
    let lines: Option<Vec<Line>> =
        order.lines.clone().map(|lines| lines.into_iter().map(Line::from).collect());
    let second: Option<Vec<Line>> =
        value.get("lines").map(|lines| serde_json::from_value(lines.clone()).unwrap());
    assert_eq!(lines, second);
    let mut written =
        json!({ "amount": amount, "customerId": order.customer_id, "currency": order.currency });
    if let Some(lines) = lines {
        written["lines"] = serde_json::to_value(lines).unwrap();
    }
    let again: NewOrder = from_json(&serde_json::to_vec(&written).unwrap()).unwrap();
    assert_eq!(again, NewOrder { amount: Some(amount), ..order });
}
