//! The orders component on wasmtime, over a real database and over links that fail on command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use support::{Behaviour, Link, database, get, http, number, post_json, send, try_send};
use waybill::{
    runtime::{HttpError, Limits},
    settings::ComponentName,
};
use waybill_postgres::value::QueryError;

const BOTH: &str = "SELECT (SELECT count(*) FROM orders) * 1000 + (SELECT count(*) FROM outbox)";

#[tokio::test]
async fn an_accepted_order_is_written_with_its_event() {
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
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
async fn pages_list_every_order_once_and_newest_first() {
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database));
    let mut ids = Vec::new();
    for amount in 1..=7 {
        let created = send(&orders, post_json("/orders"), &format!(r#"{{"amount":{amount}}}"#)).await;
        ids.insert(0, created.json()["id"].clone());
    }
    let (mut listed, mut path) = (Vec::new(), "/orders?limit=3".to_owned());
    loop {
        let page = send(&orders, get(&path), "").await.json();
        listed.extend(page["orders"].as_array().unwrap().iter().map(|order| order["id"].clone()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        path = format!("/orders?limit=3&cursor={cursor}");
    }
    assert_eq!(listed, ids);
}

#[tokio::test]
async fn a_refused_order_changes_nothing() {
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
    for (body, status, field) in [
        (r#"{"amount":0}"#, 422, "amount"),
        (r#"{"amount":-1}"#, 422, "amount"),
        (r#"{"amount":50.5}"#, 422, "amount"),
        (r#"{"amount":"5000"}"#, 422, "amount"),
        (r#"{"amount":9007199254740992}"#, 422, "amount"),
        (r#"{"amount":1e400}"#, 422, "amount"),
        (r"{}", 422, "amount"),
        (r#"{"amount":1,"currency":"euro"}"#, 422, "currency"),
        (r#"{"amount":1,"customerId":"nobody"}"#, 422, "customerId"),
        (r#"{"amount":1,"customerId":7}"#, 422, "customerId"),
    ] {
        let answer = send(&orders, post_json("/orders"), body).await;
        assert_eq!(answer.status.as_u16(), status, "{body}: {}", answer.body);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert_eq!(answer.json()["errors"][0]["field"], field, "{body}: {}", answer.body);
    }
    assert_eq!(send(&orders, post_json("/orders"), "amount=1").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(number(&database, BOTH).await, 0);
}

#[tokio::test]
async fn a_database_that_is_away_is_answered_503_and_the_next_request_works() {
    let link = Link::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    link.set(Behaviour::Fail(QueryError::Unexpected("database unavailable: connection refused".into())));
    for request in [post_json("/orders"), get("/orders"), get("/health")] {
        let answer = send(&orders, request, r#"{"amount":1}"#).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(answer.headers.contains_key("retry-after"));
    }
    link.set(Behaviour::Pass);
    assert_eq!(send(&orders, post_json("/orders"), r#"{"amount":1}"#).await.status, StatusCode::CREATED);
    assert_eq!(number(&link.database, BOTH).await, 1001);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_never_a_201() {
    let link = Link::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    link.set(Behaviour::FailAfterwards(QueryError::Unexpected(
        "database unavailable: connection lost".into(),
    )));
    let answer = send(&orders, post_json("/orders"), r#"{"amount":1}"#).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(number(&link.database, BOTH).await, 1001, "what took effect has its event too");
}

#[tokio::test]
async fn an_error_of_the_statement_is_a_500_that_tells_no_sql() {
    let link = Link::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    link.set(Behaviour::Fail(QueryError::InvalidQuery(
        "SQLSTATE 42P01: relation \"orders\" does not exist".into(),
    )));
    let answer = send(&orders, post_json("/orders"), r#"{"amount":1}"#).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(!answer.body.contains("relation"), "{}", answer.body);
}

#[tokio::test]
async fn a_trap_ends_one_request_and_no_other() {
    let link = Link::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    // Several rounds, so that a poisoned instance that were reused would be met.
    for _ in 0..5 {
        link.set(Behaviour::Pass);
        assert_eq!(send(&orders, post_json("/orders"), r#"{"amount":1}"#).await.status, StatusCode::CREATED);
        link.set(Behaviour::Trap);
        let trapped = try_send(&orders, post_json("/orders"), r#"{"amount":1}"#).await;
        assert!(matches!(trapped, Err(HttpError::Failed(_))));
    }
    link.set(Behaviour::Pass);
    assert_eq!(send(&orders, get("/orders"), "").await.json()["orders"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_statement_that_stalls_costs_its_own_request_only() {
    let link = Link::new(database(ComponentName::Orders).await);
    let limits = Limits { request_time: Duration::from_millis(300), ..Limits::default() };
    let orders = http("orders", limits, link.clone());
    link.set(Behaviour::Stall);
    let stalled = tokio::spawn({
        let orders = orders.clone();
        async move { try_send(&orders, post_json("/orders"), r#"{"amount":1}"#).await }
    });
    link.wait_until_seen(1).await;
    link.set(Behaviour::Pass);
    assert_eq!(send(&orders, post_json("/orders"), r#"{"amount":2}"#).await.status, StatusCode::CREATED);
    assert!(matches!(stalled.await.unwrap(), Err(HttpError::TimedOut)));
    assert_eq!(number(&link.database, BOTH).await, 1001);
}

#[tokio::test]
async fn requests_beyond_the_bound_are_refused_and_begin_nothing() {
    let link = Link::new(database(ComponentName::Orders).await);
    let limits = Limits {
        instances: 1,
        requests_in_flight: 2,
        request_time: Duration::from_millis(500),
        ..Limits::default()
    };
    let orders = http("orders", limits, link.clone());
    link.set(Behaviour::Stall);
    let request = || async { try_send(&orders, post_json("/orders"), r#"{"amount":1}"#).await.err() };
    let mut outcomes = futures::future::join_all([request(), request(), request(), request()]).await;
    outcomes.sort_by_key(|outcome| format!("{outcome:?}"));
    assert!(
        matches!(
            outcomes[..],
            [
                Some(HttpError::Busy),
                Some(HttpError::Busy),
                Some(HttpError::TimedOut),
                Some(HttpError::TimedOut)
            ]
        ),
        "{outcomes:?}"
    );
    link.set(Behaviour::Pass);
    assert_eq!(number(&link.database, BOTH).await, 0);
    // The stalled instance gives its place back once its time is over.
    let again = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            if let Ok(answer) = try_send(&orders, post_json("/orders"), r#"{"amount":1}"#).await {
                break answer.status;
            }
        }
    });
    assert_eq!(again.await.unwrap(), StatusCode::CREATED);
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
