//! The orders component on wasmtime, over a real database and over links that fail on command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod instances;
mod lists;
mod outages;
mod refusals;
#[path = "../support/mod.rs"]
mod support;
mod swaps;

use std::sync::Arc;

use futures::future::join_all;
use http::StatusCode;
use support::{blueprint, database, get, http, number, orders, post_json, send};
use waybill::runtime::{HttpService, Limits};
use waybill::settings::ComponentName;

const BOTH: &str = "SELECT (SELECT count(*) FROM orders) * 1000 + (SELECT count(*) FROM outbox)";

#[tokio::test]
async fn an_accepted_order_is_written_with_its_event() {
    let (database, orders) = orders().await;
    let traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let created =
        send(&orders, post_json("/orders").header("traceparent", traceparent), r#"{"amount":5000}"#).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.body);
    let order = created.json();
    let id = order["id"].as_str().unwrap();
    assert_eq!(created.headers["location"], format!("/orders/{id}"));
    assert_eq!(order["amount"], 5000);
    assert_eq!(order["currency"], "EUR");
    assert_eq!(order["customerId"], "1651654165");
    assert_eq!(order["status"], "pending");

    let rows = database
        .rows("SELECT order_id::text, event_type, payload::text, traceparent, id::text FROM outbox", &[])
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].get::<_, String>(0), id);
    assert_eq!(rows[0].get::<_, String>(1), "order.created");
    assert_eq!(rows[0].get::<_, String>(3), traceparent);
    let event: serde_json::Value = serde_json::from_str(&rows[0].get::<_, String>(2)).unwrap();
    assert_eq!(event["orderId"], id, "the row and its event name the same order");
    assert_eq!(event["amount"], 5000);
    assert_eq!(event["customer"]["id"], "1651654165");
    assert_eq!(event["eventId"], rows[0].get::<_, String>(4), "the message names itself as its row does");

    let read = send(&orders, get(&format!("/orders/{id}")), "").await;
    assert_eq!((read.status, read.json()), (StatusCode::OK, order));
}

#[tokio::test]
async fn a_fresh_instance_for_each_request_answers_alike() {
    let database = database(ComponentName::Orders).await;
    let limits = Limits { requests_per_instance: 1, ..Limits::default() };
    let orders = http("orders", limits, Arc::new(database.clone()));
    let burst = (0..200).map(|_| send(&orders, post_json("/orders"), r#"{"amount":1}"#));
    for answer in futures::future::join_all(burst).await {
        assert_eq!(answer.status, StatusCode::CREATED);
    }
    assert_eq!(number(&database, BOTH).await, 200_200);
}

#[tokio::test]
async fn both_ways_in_answer_alike() {
    let database = database(ComponentName::Orders).await;
    let blueprint = || blueprint("orders", Limits::default(), Arc::new(database.clone()));
    let ways = [HttpService::new(blueprint()).unwrap(), HttpService::by_wasi_http(blueprint()).unwrap()];
    let placed = send(&ways[0], post_json("/orders"), r#"{"amount":5000}"#).await;
    let order = format!("/orders/{}", placed.json()["id"].as_str().unwrap());
    let large = "x".repeat(65_537);
    let keyed = || post_json("/orders").header("idempotency-key", "once");
    let with = |method: &str, path: &str| get(path).method(method);
    let cases = [
        ("GET", order.as_str(), "", 200),
        ("HEAD", &order, "", 200),
        ("GET", "/orders?limit=1", "", 200),
        ("GET", "/docs", "", 200),
        ("DELETE", "/orders", "", 405),
        ("GET", "/orders/none", "", 404),
        ("POST", "/orders", r#"{"amount":-1}"#, 422),
        ("POST", "/orders", &large, 413),
    ];
    for (method, path, body, status) in cases {
        let request = || with(method, path).header("content-type", "application/json");
        let one = send(&ways[0], request(), body).await;
        let other = send(&ways[1], request(), body).await;
        assert_eq!(one.status.as_u16(), status, "{path}: {}", one.body);
        assert_eq!((one.status, &one.body), (other.status, &other.body), "{path}");
        let essence = |answer: &support::Answer| {
            let mut headers = answer.headers.clone();
            // A server adds it to what comes the one way.
            headers.remove("content-length");
            headers
        };
        assert_eq!(essence(&one), essence(&other), "{path}");
    }
    let [one, other] =
        [send(&ways[1], keyed(), r#"{"amount":1}"#).await, send(&ways[0], keyed(), r#"{"amount":1}"#).await];
    assert_eq!((one.status.as_u16(), other.status.as_u16()), (201, 201));
    assert_eq!(one.json(), other.json());
    assert_eq!(other.headers["idempotency-replayed"], "true");
}

#[tokio::test]
async fn a_thousand_retries_of_one_key_make_one_order() {
    let database = database(ComponentName::Orders).await;
    let limits = Limits { requests_in_flight: 2_000, ..Limits::default() };
    let orders = http("orders", limits, Arc::new(database.clone()));
    let request = || post_json("/orders").header("idempotency-key", "\"8e03978e-40d5\"");
    let answers = join_all((0..1_000).map(|_| send(&orders, request(), r#"{"amount":5000}"#))).await;
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (StatusCode::CREATED, &answers[0].body));
    }
    let replayed =
        answers.iter().filter(|answer| answer.headers.contains_key("idempotency-replayed")).count();
    assert_eq!(replayed, 999);
    assert_eq!(number(&database, BOTH).await, 1_001, "one order and one event");

    let other = send(&orders, request(), r#"{"amount":5001}"#).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", other.body);
    assert_eq!(number(&database, BOTH).await, 1_001);
}

#[tokio::test]
async fn the_event_of_an_order_tells_of_its_customer_and_its_lines() {
    let (database, orders) = orders().await;
    let body = r#"{"lines":[{"sku":"a","description":"Ink","quantity":3,"unitPrice":1000,"taxRateBasisPoints":1900}]}"#;
    let order = send(&orders, post_json("/orders"), body).await.json();
    assert_eq!(order["amount"], 3570);
    let rows = database.rows("SELECT payload::text FROM outbox", &[]).await.unwrap();
    let event: serde_json::Value = serde_json::from_str(&rows[0].get::<_, String>(0)).unwrap();
    assert_eq!(event["customer"], serde_json::json!({ "id": "1651654165" }), "nobody has said who it is");
    assert_eq!(event["lines"], order["lines"]);
    assert_eq!((&event["version"], &event["specversion"]), (&1.into(), &"1.0".into()));
}

#[tokio::test]
async fn an_order_changes_by_legal_steps_only_and_each_has_its_event() {
    let (database, orders) = orders().await;
    let id = send(&orders, post_json("/orders"), r#"{"amount":1}"#).await.json()["id"].take();
    let step = async |verb: &str| {
        let path = format!("/orders/{}/{verb}", id.as_str().unwrap());
        let answer = send(&orders, post_json(&path), "").await;
        let json = answer.json();
        (answer.status.as_u16(), json["status"].clone(), json["currentStatus"].clone())
    };
    assert_eq!(step("pay").await, (200, "paid".into(), serde_json::Value::Null));
    assert_eq!(step("pay").await, (409, 409.into(), "paid".into()));
    assert_eq!(step("cancel").await, (200, "canceled".into(), serde_json::Value::Null));
    assert_eq!(step("cancel").await, (409, 409.into(), "canceled".into()));
    assert_eq!(step("pay").await, (409, 409.into(), "canceled".into()));
    let rows = database
        .rows("SELECT event_type, (payload ->> 'version')::integer FROM outbox ORDER BY id", &[])
        .await
        .unwrap();
    let events: Vec<(String, i32)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let expected = [("order.created", 1), ("order.paid", 2), ("order.canceled", 3)];
    assert_eq!(events, expected.map(|(name, version)| (name.to_owned(), version)));
    let missing = send(&orders, post_json("/orders/019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d/pay"), "").await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn of_steps_at_the_same_time_one_is_taken() {
    let (database, orders) = orders().await;
    let id = send(&orders, post_json("/orders"), r#"{"amount":1}"#).await.json()["id"].take();
    let path = format!("/orders/{}/cancel", id.as_str().unwrap());
    let answers = join_all((0..20).map(|_| send(&orders, post_json(&path), "{}"))).await;
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    let refused = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
    assert_eq!((taken, refused), (1, 19));
    assert_eq!(number(&database, "SELECT count(*) FROM outbox WHERE event_type = 'order.canceled'").await, 1);
}
