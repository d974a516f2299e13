//! The orders component on wasmtime, over a real database and over links that fail on command.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use http::StatusCode;
use support::{Behaviour, Link, blueprint, database, get, http, number, post_json, send, try_send};
use waybill::runtime::{HttpError, HttpService, Limits};
use waybill::settings::ComponentName;
use waybill_contracts::sql::QueryFailure;

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

const LINE_OF_BLANKS: &str =
    r#"{"lines":[{"sku":" ","description":" ","quantity":1,"unitPrice":10000,"taxRateBasisPoints":1900}]}"#;

/// Its description is a zero width space.
const LINE_WITHOUT_WORDS: &str = r#"{"lines":[{"sku":"a","description":"\u200b","quantity":1,"unitPrice":10000,"taxRateBasisPoints":1900}]}"#;

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
        (r#"{"amount":1,"customerId":" "}"#, 422, "customerId"),
        (LINE_OF_BLANKS, 422, "lines[0].sku"),
        (LINE_WITHOUT_WORDS, 422, "lines[0].description"),
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
async fn an_error_of_the_statement_is_a_500_that_tells_no_sql() {
    let link = Link::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    link.set(Behaviour::Fail(QueryFailure::InvalidQuery(
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
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
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
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
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
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
    let id = send(&orders, post_json("/orders"), r#"{"amount":1}"#).await.json()["id"].take();
    let path = format!("/orders/{}/cancel", id.as_str().unwrap());
    let answers = join_all((0..20).map(|_| send(&orders, post_json(&path), "{}"))).await;
    let taken = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    let refused = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
    assert_eq!((taken, refused), (1, 19));
    assert_eq!(number(&database, "SELECT count(*) FROM outbox WHERE event_type = 'order.canceled'").await, 1);
}

#[tokio::test]
async fn a_customer_with_a_blank_name_or_address_is_refused() {
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
    let fields = ["name", "address", "state", "zipCode"];
    for blank in [" ", "\u{3000}", "\u{feff}"] {
        let mut customer = serde_json::json!({ "email": "jo@example.com", "country": "DE" });
        for field in fields {
            customer[field] = blank.into();
        }
        let change = get("/customers/1651654165").method("PATCH").header("content-type", "application/json");
        for request in [post_json("/customers"), change] {
            let refused = send(&orders, request, &customer.to_string()).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{blank:?}: {}", refused.body);
            let errors = refused.json()["errors"].take();
            let named: Vec<_> = errors.as_array().unwrap().iter().map(|error| &error["field"]).collect();
            assert_eq!(named, fields, "{blank:?}");
            assert!(errors[0]["rule"].as_str().unwrap().contains("printable"), "{errors}");
        }
    }
    assert_eq!(number(&database, "SELECT count(*) FROM customers").await, 1, "the default one");
}

#[tokio::test]
async fn lists_are_narrowed_by_customer_state_and_time() {
    let database = database(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
    let customer = r#"{"name":"Jo","email":"jo@example.com","address":"1 Street","state":"Berlin","zipCode":"10115","country":"DE"}"#;
    let customer = send(&orders, post_json("/customers"), customer).await.json()["id"].take();
    let customer = customer.as_str().unwrap();
    let mut placed = Vec::new();
    for (amount, of) in [(1, "1651654165"), (2, customer), (3, customer)] {
        let body = format!(r#"{{"amount":{amount},"customerId":"{of}"}}"#);
        placed.push(send(&orders, post_json("/orders"), &body).await.json());
    }
    let path = format!("/orders/{}/pay", placed[2]["id"].as_str().unwrap());
    send(&orders, post_json(&path), "").await;
    let amounts = async |query: &str| {
        let page = send(&orders, get(&format!("/orders?{query}")), "").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let orders = page.json()["orders"].take();
        orders.as_array().unwrap().iter().map(|order| order["amount"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(amounts(&format!("customerId={customer}")).await, [3, 2]);
    assert_eq!(amounts("status=pending").await, [2, 1]);
    assert_eq!(amounts(&format!("customerId={customer}&status=paid")).await, [3]);
    assert_eq!(amounts("createdFrom=2000-01-01T00:00:00Z&createdTo=2001-01-01T00:00:00Z").await, [0_i64; 0]);
    let from = placed[0]["createdAt"].as_str().unwrap();
    assert_eq!(amounts(&format!("createdFrom={from}")).await, [3, 2, 1]);
    assert_eq!(amounts(&format!("createdTo={from}")).await, [0_i64; 0]);
    let bad = send(&orders, get("/orders?status=open&createdFrom=now"), "").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
}
