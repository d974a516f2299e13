//! Databases that fail, and requests that take too long or are too many.

use std::time::Duration;

use http::StatusCode;
use waybill::runtime::{HttpError, Limits};
use waybill::settings::ComponentName;
use waybill_contracts::sql::QueryFailure;

use crate::BOTH;
use crate::support::{Behaviour, Link, database, get, http, number, post_json, send, try_send};

#[tokio::test]
async fn an_unavailable_database_is_answered_503_and_the_next_request_works() {
    let link = Link::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    link.set(Behaviour::Fail(QueryFailure::Unexpected("database unavailable: connection refused".into())));
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
    link.set(Behaviour::FailAfterwards(QueryFailure::Unexpected(
        "database unavailable: connection lost".into(),
    )));
    let answer = send(&orders, post_json("/orders"), r#"{"amount":1}"#).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(number(&link.database, BOTH).await, 1001, "what took effect has its event too");
}

#[tokio::test]
async fn an_error_of_the_statement_is_a_500_and_of_the_schema_a_503_and_neither_tells_sql() {
    let link = Link::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    for (text, status) in [
        ("SQLSTATE 42601: syntax error at or near \"orders\"", StatusCode::INTERNAL_SERVER_ERROR),
        ("SQLSTATE 42P01: relation \"orders\" does not exist", StatusCode::SERVICE_UNAVAILABLE),
    ] {
        link.set(Behaviour::Fail(QueryFailure::InvalidQuery(text.into())));
        let answer = send(&orders, post_json("/orders"), r#"{"amount":1}"#).await;
        assert_eq!(answer.status, status, "{text}");
        assert!(!answer.body.contains("relation") && !answer.body.contains("syntax"), "{}", answer.body);
    }
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
