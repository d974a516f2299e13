//! The invoices component on wasmtime, over a real database and over links that fail on command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod events_over_http;
#[path = "../support/mod.rs"]
mod support;

use std::sync::Arc;

use futures::future::join_all;
use http::StatusCode;
use rand::rngs::StdRng;
use rand::seq::SliceRandom as _;
use rand::{Rng as _, SeedableRng as _};
use support::{
    Behaviour, Link, database, database_with_events_token, get, http, invoices, invoices_over, messages,
    number, post_json, send,
};
use uuid::Uuid;
use waybill::runtime::{HandleError, Limits};
use waybill::settings::ComponentName;
use waybill_contracts::DeliveryError;
use waybill_contracts::sql::QueryFailure;
use waybill_telemetry::Context;

const TOKEN: &str = "0123456789abcdef._~+/-==";
const COUNT: &str = "SELECT count(*) FROM invoices";

fn event(order: Uuid) -> Vec<u8> {
    format!(r#"{{"orderId":"{order}","amount":5000,"customer":{{"id":"1651654165"}}}}"#).into_bytes()
}

/// A `CloudEvent` in binary mode, with the right token.
fn cloud_event() -> http::request::Builder {
    post_json("/events")
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("ce-specversion", "1.0")
        .header("ce-type", "order.created")
        .header("ce-id", "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d")
        .header("ce-source", "/orders")
}

#[tokio::test]
async fn a_redelivered_order_is_invoiced_once() {
    let (database, handler, _) = invoices().await;
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
    let (database, handler, _) = invoices().await;
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

/// The events of one order, as they may come: `c`reated, `p`aid and canceled (`x`), each once or more.
async fn deliver_all(handler: &waybill::runtime::MessageService, order: Uuid, events: &str) {
    let changed = format!(r#"{{"orderId":"{order}","version":2,"changedAt":"2026-01-31T00:00:00Z"}}"#);
    let deliveries = events.chars().map(|event| match event {
        'c' => handler.handle("order.created", self::event(order), Context::new()),
        'p' => handler.handle("order.paid", changed.clone().into_bytes(), Context::new()),
        _ => handler.handle("order.canceled", changed.clone().into_bytes(), Context::new()),
    });
    // At the same time, so that they race.
    for outcome in join_all(deliveries).await {
        outcome.unwrap();
    }
}

#[tokio::test]
async fn events_in_any_order_and_number_lead_to_the_same_invoice() {
    let (database, handler, http) = invoices().await;
    let mut random = StdRng::seed_from_u64(7);
    let (mut issued, mut credited) = (0, 0);
    for _ in 0..60 {
        let heard: Vec<char> = "cpx".chars().filter(|event| *event == 'c' || random.random()).collect();
        // One after the other in any order, then some of them again, all at once.
        let order = Uuid::now_v7();
        let mut first = heard.clone();
        first.shuffle(&mut random);
        for event in &first {
            deliver_all(&handler, order, &event.to_string()).await;
        }
        let again: String = (0..4).map(|_| heard[random.random_range(0..heard.len())]).collect();
        deliver_all(&handler, order, &again).await;

        issued += 1;
        credited += i64::from(heard.contains(&'x'));
        let path = format!("/invoices?orderId={order}");
        let invoices = send(&http, get(&path), "").await.json()["invoices"].take();
        assert_eq!(invoices.as_array().unwrap().len(), 1, "{first:?} {again}");
        let expected = if heard.contains(&'x') {
            "credited"
        } else if heard.contains(&'p') {
            "paid"
        } else {
            "issued"
        };
        assert_eq!(invoices[0]["status"], expected, "{first:?} {again}");
        assert_eq!(invoices[0]["paidAt"].is_string(), heard.contains(&'p'), "{first:?} {again}");
        assert_eq!(invoices[0]["creditNote"].is_object(), heard.contains(&'x'), "{first:?} {again}");
    }
    assert_eq!(number(&database, "SELECT last_number FROM invoice_series").await, issued);
    assert_eq!(number(&database, "SELECT last_number FROM credit_note_series").await, credited);
    assert_eq!(number(&database, "SELECT count(*) FROM credit_notes").await, credited);
}

#[tokio::test]
async fn the_events_of_an_order_may_all_come_at_once() {
    let (database, handler, _) = invoices().await;
    let orders: Vec<_> = (0..50).map(|_| Uuid::now_v7()).collect();
    join_all(orders.iter().map(|order| deliver_all(&handler, *order, "xpcxpc"))).await;
    for count in
        ["invoices", "credit_notes", "order_states WHERE invoice_id IS NOT NULL AND paid_at IS NOT NULL"]
    {
        assert_eq!(number(&database, &format!("SELECT count(*) FROM {count}")).await, 50, "{count}");
    }
    assert_eq!(number(&database, "SELECT max(number) FROM credit_notes").await, 50);
}

#[tokio::test]
async fn an_invoice_keeps_its_seller_and_without_one_none_is_issued() {
    let (database, handler, http) = invoices().await;
    handler.handle("order.created", event(Uuid::now_v7()), Context::new()).await.unwrap();
    database.query_batch("UPDATE seller SET name = 'Ink & Paper', iban = NULL").await.unwrap();
    handler.handle("order.created", event(Uuid::now_v7()), Context::new()).await.unwrap();
    database.query_batch("DELETE FROM seller").await.unwrap();
    let outcome = handler.handle("order.created", event(Uuid::now_v7()), Context::new()).await;
    assert!(outcome.is_err(), "it is tried again when there is a seller");

    let invoices = send(&http, get("/invoices"), "").await.json()["invoices"].take();
    let sellers: Vec<_> = invoices.as_array().unwrap().iter().map(|invoice| &invoice["seller"]).collect();
    assert_eq!(sellers.len(), 2);
    assert_eq!(sellers[0]["name"], "Ink & Paper");
    assert!(sellers[0]["iban"].is_null());
    assert_eq!(
        (&sellers[1]["name"], &sellers[1]["isSpecimen"]),
        (&"Example seller: change me".into(), &true.into())
    );
    assert_eq!(number(&database, "SELECT last_number FROM invoice_series").await, 2, "no number is lost");
}

#[tokio::test]
async fn an_invoice_keeps_its_number_when_its_series_is_renamed() {
    let (database, handler, http) = invoices().await;
    handler.handle("order.created", event(Uuid::now_v7()), Context::new()).await.unwrap();
    database.query_batch("UPDATE invoice_series SET prefix = 'INV-'").await.unwrap();
    handler.handle("order.created", event(Uuid::now_v7()), Context::new()).await.unwrap();
    let invoices = send(&http, get("/invoices"), "").await.json()["invoices"].take();
    let numbers: Vec<_> = [1, 0].map(|at: usize| invoices[at]["number"].as_str().unwrap()).into();
    assert!(!numbers[0].starts_with("INV-") && numbers[0].ends_with("-000001"), "{numbers:?}");
    assert!(numbers[1].starts_with("INV-") && numbers[1].ends_with("-000002"), "{numbers:?}");
}

#[tokio::test]
async fn a_malformed_message_is_rejected_for_good_and_takes_no_number() {
    let (database, handler, _) = invoices().await;
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
        let Err(HandleError::Refused(DeliveryError::Rejected(_))) = outcome else {
            panic!("{body}: {outcome:?}")
        };
    }
    assert_eq!(number(&database, "SELECT count(*) FROM invoices").await, 0);
    assert_eq!(number(&database, "SELECT count(*) FROM invoice_series").await, 0);
}

#[tokio::test]
async fn lines_that_no_document_can_bill_are_rejected_with_the_reason() {
    let database = database_with_events_token(TOKEN).await;
    let (handler, invoices) = invoices_over(&database);
    let order = |amount: i64, text: &str, quantity: i64| {
        let line = serde_json::json!({ "sku": text, "description": text, "quantity": quantity, "unitPrice": 10_000,
            "taxRateBasisPoints": 1900 });
        let order = serde_json::json!({ "orderId": Uuid::now_v7(), "amount": amount, "customer": { "id": "c" }, "lines": [line] });
        order.to_string()
    };
    for (body, reason) in [
        (order(11_900, " ", 1), "lines[0] must have a description or a sku"),
        (order(11_900, "\u{a0}", 1), "lines[0] must have a description or a sku"),
        (
            order(11_900, "\u{200b}", 1),
            "lines[0].sku must be a string of 1 to 1000 characters, with a printable character",
        ),
        (order(11_900, "", 1), "lines[0] must have a description or a sku"),
        (order(11_900, "ink", 0), "lines[0].quantity must be from -1000000000 to 1000000000, and not 0"),
        (order(10_000, "ink", 1), "they sum up to 11900"),
    ] {
        let outcome = handler.handle("order.created", body.clone().into_bytes(), Context::new()).await;
        let Err(HandleError::Refused(DeliveryError::Rejected(text))) = outcome else {
            panic!("{body}: {outcome:?}")
        };
        assert!(text.contains(reason), "{text}");
        let answer = send(&invoices, cloud_event(), &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        assert!(answer.json()["detail"].as_str().unwrap().contains(reason), "{}", answer.body);
    }
    assert_eq!(number(&database, COUNT).await, 0);
    assert_eq!(send(&invoices, cloud_event(), &order(11_900, "ink", 1)).await.status, StatusCode::NO_CONTENT);
    let invoice = send(&invoices, get("/invoices"), "").await.json()["invoices"][0].take();
    assert_eq!(invoice["taxes"][0]["taxAmount"], 1900, "{invoice}");
}

#[tokio::test]
async fn a_number_taken_by_a_delivery_that_failed_is_given_again() {
    let link = Link::new(database(ComponentName::Invoices).await);
    let handler = messages(Limits::default(), link.clone());
    let order = Uuid::now_v7();
    let unavailable = QueryFailure::Unexpected("database unavailable: connection lost".into());
    for behaviour in
        [Behaviour::Fail(unavailable.clone()), Behaviour::Trap, Behaviour::FailAfterwards(unavailable)]
    {
        let before = number(&link.database, "SELECT count(*) FROM invoices").await;
        link.set(behaviour);
        let outcome = handler.handle("order.created", event(order), Context::new()).await;
        assert!(
            matches!(
                outcome,
                Err(HandleError::Refused(DeliveryError::Unavailable(_)) | HandleError::Trapped(_))
            ),
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
