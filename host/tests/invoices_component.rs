//! The invoices component on wasmtime, over a real database and over links that fail on command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;

use futures::future::join_all;
use http::StatusCode;
use support::{
    Behaviour, Link, database, database_with_events_token, get, http, messages, number, post_json, send,
};
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

const TOKEN: &str = "0123456789abcdef._~+/-==";
const COUNT: &str = "SELECT count(*) FROM invoices";

/// A `CloudEvent` in binary mode, with the right token.
fn cloud_event() -> http::request::Builder {
    post_json("/events")
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("ce-specversion", "1.0")
        .header("ce-type", "order.created")
        .header("ce-id", "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d")
        .header("ce-source", "/orders")
}

/// The same without one of its headers.
fn without(header: &str) -> http::request::Builder {
    let mut request = cloud_event();
    request.headers_mut().unwrap().remove(header).unwrap();
    request
}

/// The same with another token.
fn with_authorization(value: &str) -> http::request::Builder {
    without("authorization").header("authorization", value)
}

fn text(order: Uuid) -> String {
    String::from_utf8(event(order)).unwrap()
}

#[tokio::test]
async fn an_event_over_http_is_invoiced_once_however_often_it_comes() {
    let database = database_with_events_token(TOKEN).await;
    let invoices = http("invoices", Limits::default(), Arc::new(database.clone()));
    let order = Uuid::now_v7();
    for authorization in [format!("Bearer {TOKEN}"), format!("bearer  {TOKEN}")] {
        let answer = send(&invoices, with_authorization(&authorization), &text(order)).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NO_CONTENT, ""));
        assert_eq!(number(&database, COUNT).await, 1);
    }
    let found = send(&invoices, get(&format!("/invoices?orderId={order}")), "").await.json();
    assert_eq!(found["invoices"][0]["amount"], 5000);
}

#[tokio::test]
async fn an_event_without_the_right_token_is_a_401_and_writes_nothing() {
    let database = database_with_events_token(TOKEN).await;
    let invoices = http("invoices", Limits::default(), Arc::new(database.clone()));
    for request in [
        without("authorization"),
        with_authorization("Bearer"),
        with_authorization("Basic dTpw"),
        with_authorization(TOKEN),
        with_authorization("Bearer wrong"),
        with_authorization(&format!("Bearer {TOKEN}=")),
        with_authorization(&format!("Bearer {}", TOKEN.to_uppercase())),
        with_authorization("Bearer ' OR true --"),
        with_authorization(&format!("Bearer {TOKEN}")).header("authorization", "Bearer another"),
        // It comes before everything else: who has no token learns nothing of the rest.
        without("content-type").header("authorization", "Bearer wrong"),
        post_json("/events"),
    ] {
        let answer = send(&invoices, request, &text(Uuid::now_v7())).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
        assert!(!answer.body.contains(TOKEN), "{}", answer.body);
    }
    assert_eq!(number(&database, COUNT).await, 0);
}

#[tokio::test]
async fn where_no_token_is_set_no_event_is_taken_over_http() {
    for database in [database(ComponentName::Invoices).await, database_with_events_token("").await] {
        let invoices = http("invoices", Limits::default(), Arc::new(database.clone()));
        let answer = send(&invoices, cloud_event(), &text(Uuid::now_v7())).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains("No events token is set"), "{detail}");
        assert_eq!(number(&database, COUNT).await, 0);
    }
}

#[tokio::test]
async fn an_event_that_is_none_is_refused_with_what_is_wrong() {
    let database = database_with_events_token(TOKEN).await;
    let invoices = http("invoices", Limits::default(), Arc::new(database.clone()));
    for header in ["ce-specversion", "ce-type", "ce-id", "ce-source"] {
        let answer = send(&invoices, without(header), &text(Uuid::now_v7())).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{header}: {}", answer.body);
        assert_eq!(answer.json()["errors"][0]["field"], header);
    }
    let version = without("ce-specversion").header("ce-specversion", "0.3");
    assert_eq!(send(&invoices, version, &text(Uuid::now_v7())).await.status, StatusCode::BAD_REQUEST);
    let xml = without("content-type").header("content-type", "application/xml");
    assert_eq!(send(&invoices, xml, "<a/>").await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = " ".repeat(64 * 1024 + 1);
    assert_eq!(send(&invoices, cloud_event(), &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);

    let unknown = without("ce-type").header("ce-type", "order.paid");
    for (request, body, reason) in [
        (cloud_event(), "not json".to_owned(), "the body is not JSON"),
        (cloud_event(), r#"{"amount":1,"customer":{"id":"c"}}"#.to_owned(), "orderId is required"),
        (unknown, text(Uuid::now_v7()), "order.paid"),
    ] {
        let answer = send(&invoices, request, &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(answer.json()["detail"].as_str().unwrap().contains(reason), "{}", answer.body);
    }
    assert_eq!(number(&database, COUNT).await, 0);
    assert_eq!(send(&invoices, get("/events"), "").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn an_event_that_could_not_be_written_is_to_be_sent_again() {
    let link = Link::new(database_with_events_token(TOKEN).await);
    let invoices = http("invoices", Limits::default(), link.clone());
    let order = text(Uuid::now_v7());
    for (error, status) in [
        (QueryError::Unexpected("database unavailable: connection lost".into()), 503),
        (QueryError::InvalidQuery("SQLSTATE 42P01: relation \"invoices\" does not exist".into()), 500),
    ] {
        link.set(Behaviour::Fail(error));
        let answer = send(&invoices, cloud_event(), &order).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
        assert_eq!(answer.headers.contains_key("retry-after"), status == 503);
        assert!(!answer.body.contains("relation"), "{}", answer.body);
    }
    link.set(Behaviour::Pass);
    assert_eq!(number(&link.database, COUNT).await, 0);
    assert_eq!(send(&invoices, cloud_event(), &order).await.status, StatusCode::NO_CONTENT);
    assert_eq!(number(&link.database, COUNT).await, 1);
}
