//! The invoices component on wasmtime, over a real database and over links that fail on command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use futures::future::join_all;
use http::StatusCode;
use support::{Behaviour, Link, database, get, http, messages, number, send};
use uuid::Uuid;
use waybill::{
    runtime::{HandleError, Limits},
    settings::ComponentName,
};
use waybill_postgres::value::QueryError;
use waybill_telemetry::Context;

fn event(order: Uuid) -> Vec<u8> {
    format!(r#"{{"orderId":"{order}","amount":5000,"customer":{{"id":"1651654165"}}}}"#).into_bytes()
}

#[tokio::test]
async fn a_redelivered_order_is_invoiced_once() {
    let database = database(ComponentName::Invoices).await;
    let handler = messages(Limits::default(), Arc::new(database.clone()));
    let order = Uuid::now_v7();
    for _ in 0..3 {
        handler.handle("order.created", event(order), Context::new()).await.unwrap();
    }
    handler.handle("orders", event(order), Context::new()).await.unwrap();
    assert_eq!(number(&database, "SELECT count(*) FROM invoices").await, 1);
    assert_eq!(number(&database, "SELECT last_number FROM invoice_series").await, 1);
}

#[tokio::test]
async fn numbers_have_no_gap_however_deliveries_race_and_repeat() {
    let database = database(ComponentName::Invoices).await;
    let handler = messages(Limits::default(), Arc::new(database.clone()));
    let orders: Vec<_> = (0..100).map(|_| Uuid::now_v7()).collect();
    let deliveries = orders
        .iter()
        .chain(&orders)
        .chain(&orders)
        .map(|order| handler.handle("order.created", event(*order), Context::new()));
    for outcome in join_all(deliveries).await {
        outcome.unwrap();
    }
    assert_eq!(number(&database, "SELECT count(DISTINCT order_id) FROM invoices").await, 100);
    assert_eq!(number(&database, "SELECT count(DISTINCT number) FROM invoices").await, 100);
    assert_eq!(number(&database, "SELECT max(number) FROM invoices").await, 100);
}

#[tokio::test]
async fn a_malformed_message_is_rejected_for_good_and_takes_no_number() {
    let database = database(ComponentName::Invoices).await;
    let handler = messages(Limits::default(), Arc::new(database.clone()));
    let order = Uuid::now_v7();
    for body in [
        String::new(),
        "not json".to_owned(),
        "[]".to_owned(),
        r#"{"amount":1,"customer":{"id":"c"}}"#.to_owned(),
        r#"{"orderId":"x","amount":1,"customer":{"id":"c"}}"#.to_owned(),
        format!(r#"{{"orderId":"{order}","amount":0,"customer":{{"id":"c"}}}}"#),
        format!(r#"{{"orderId":"{order}","amount":1.5,"customer":{{"id":"c"}}}}"#),
        format!(r#"{{"orderId":"{order}","amount":1}}"#),
    ] {
        let outcome = handler.handle("order.created", body.clone().into_bytes(), Context::new()).await;
        let Err(HandleError::Rejected(text)) = outcome else { panic!("{body}: {outcome:?}") };
        assert!(text.starts_with("rejected:"), "{text}");
    }
    assert_eq!(number(&database, "SELECT count(*) FROM invoices").await, 0);
    assert_eq!(number(&database, "SELECT count(*) FROM invoice_series").await, 0);
}

#[tokio::test]
async fn a_number_taken_by_a_delivery_that_failed_is_given_again() {
    let link = Link::new(database(ComponentName::Invoices).await);
    let handler = messages(Limits::default(), link.clone());
    let order = Uuid::now_v7();
    let away = QueryError::Unexpected("database unavailable: connection lost".into());
    for behaviour in [Behaviour::Fail(away.clone()), Behaviour::Trap, Behaviour::FailAfterwards(away)] {
        let before = number(&link.database, "SELECT count(*) FROM invoices").await;
        link.set(behaviour);
        let outcome = handler.handle("order.created", event(order), Context::new()).await;
        assert!(
            matches!(outcome, Err(HandleError::Failed(_) | HandleError::Trapped(_))),
            "{before}: {outcome:?}"
        );
    }
    link.set(Behaviour::Pass);
    handler.handle("order.created", event(order), Context::new()).await.unwrap();
    handler.handle("order.created", event(Uuid::now_v7()), Context::new()).await.unwrap();
    assert_eq!(number(&link.database, "SELECT count(*) FROM invoices").await, 2);
    assert_eq!(number(&link.database, "SELECT max(number) FROM invoices").await, 2);
}

#[tokio::test]
async fn an_invoice_is_shown_as_json_and_as_a_page() {
    let database = database(ComponentName::Invoices).await;
    let sql = Arc::new(database.clone());
    let handler = messages(Limits::default(), sql.clone());
    let order = Uuid::now_v7();
    handler.handle("order.created", event(order), Context::new()).await.unwrap();

    let invoices = http("invoices", Limits::default(), sql);
    let found = send(&invoices, get(&format!("/invoices?orderId={order}")), "").await.json();
    let [invoice] = found["invoices"].as_array().unwrap().as_slice() else { panic!("{found}") };
    let number = invoice["number"].as_str().unwrap();
    assert!(number.ends_with("-000001"), "{number}");
    assert_eq!(invoice["orderId"], order.to_string());
    assert_eq!(invoice["amount"], 5000);
    assert_eq!(invoice["currency"], "EUR");

    let path = format!("/invoices/{}", invoice["id"].as_str().unwrap());
    assert_eq!(&send(&invoices, get(&path), "").await.json(), invoice);
    let page = send(&invoices, get(&path).header("accept", "text/html"), "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(page.body.contains(number), "{}", page.body);
    let unknown = send(&invoices, get(&format!("/invoices/{}", Uuid::now_v7())), "").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}
