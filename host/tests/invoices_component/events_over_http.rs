//! Events that come over HTTP, as CloudEvents.

use std::sync::Arc;

use http::StatusCode;
use uuid::Uuid;
use waybill::runtime::Limits;
use waybill::settings::ComponentName;
use waybill_contracts::sql::QueryFailure;

use crate::support::{
    Behaviour, Link, database, database_with_events_token, get, http, number, post_json, send,
};
use crate::{COUNT, TOKEN, cloud_event, event};

/// The request without one of its headers.
fn without(header: &str) -> http::request::Builder {
    let mut request = cloud_event();
    request.headers_mut().unwrap().remove(header).unwrap();
    request
}

/// The request with another token.
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
async fn an_invalid_event_is_refused_with_the_reason() {
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

    let unknown = without("ce-type").header("ce-type", "order.shipped");
    for (request, body, reason) in [
        (cloud_event(), "not json".to_owned(), "the body is not JSON"),
        (cloud_event(), r#"{"amount":1,"customer":{"id":"c"}}"#.to_owned(), "orderId is required"),
        (unknown, text(Uuid::now_v7()), "order.shipped"),
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
        (QueryFailure::Unexpected("database unavailable: connection lost".into()), 503),
        (QueryFailure::InvalidQuery("SQLSTATE 42P01: relation \"invoices\" does not exist".into()), 503),
        (QueryFailure::InvalidQuery("SQLSTATE 42601: syntax error".into()), 500),
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
