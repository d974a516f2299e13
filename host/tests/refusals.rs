//! Refusals that are expected: the database answers them with a row. An SQL error for each would fill the server's log, and costs
//! more than the refusal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::future::{BoxFuture, join_all};
use http::Request;
use serde_json::json;
use support::{Answer, database, get, http, messages, number, orders, post_json, send};
use uuid::Uuid;
use waybill::databases::migrate;
use waybill::runtime::{HttpService, Limits, PgValue, ResultRow, Sql, SqlReply};
use waybill::settings::ComponentName;
use waybill_postgres::{Database, ServerConfig};
use waybill_telemetry::Context;
use waybill_tests::Postgres;

/// How many requests are sent at the same time.
const AT_ONCE: usize = 16;

/// A link to a database that counts the errors of its statements.
struct Counting {
    database: Database,
    errors: AtomicUsize,
}

impl Counting {
    fn new(database: Database) -> Arc<Self> {
        Arc::new(Self { database, errors: AtomicUsize::new(0) })
    }

    fn errors(&self) -> usize {
        self.errors.load(Ordering::SeqCst)
    }
}

impl Sql for Counting {
    fn query<'a>(
        &'a self,
        statement: &'a str,
        params: Vec<PgValue>,
    ) -> BoxFuture<'a, SqlReply<Vec<ResultRow>>> {
        Box::pin(async move {
            let reply = Sql::query(&self.database, statement, params).await;
            if !matches!(reply, Ok(Ok(_))) {
                self.errors.fetch_add(1, Ordering::SeqCst);
            }
            reply
        })
    }

    fn query_batch<'a>(&'a self, statements: &'a str) -> BoxFuture<'a, SqlReply<()>> {
        Box::pin(async move { Sql::query_batch(&self.database, statements).await })
    }
}

fn keyed(path: &str, key: &str) -> http::request::Builder {
    post_json(path).header("idempotency-key", key)
}

fn customer(email: &str) -> String {
    json!({ "name": "Jo", "email": email, "address": "1 Street", "state": "Berlin", "zipCode": "10115", "country": "DE" })
        .to_string()
}

async fn made(service: &HttpService, path: &str, body: &str) -> String {
    let answer = send(service, post_json(path), body).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// The request is refused with this status, and the field is named.
fn refuses(answer: &Answer, status: u16, field: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.body);
    assert_eq!(answer.json()["errors"][0]["field"], field, "{}", answer.body);
}

/// One request had its effect, and all others got its answer.
fn one_had_its_effect(answers: &[Answer], status: u16) {
    for answer in answers {
        assert_eq!((answer.status.as_u16(), &answer.body), (status, &answers[0].body));
    }
    let replayed = answers.iter().filter(|answer| answer.headers.contains_key("idempotency-replayed"));
    assert_eq!(replayed.count(), answers.len() - 1);
}

#[tokio::test]
async fn the_orders_service_refuses_without_an_error_of_the_database() {
    let link = Counting::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    let unknown = r#"{"amount":1,"customerId":"nobody"}"#;
    refuses(&send(&orders, post_json("/orders"), unknown).await, 422, "customerId");
    refuses(&send(&orders, keyed("/orders", "unknown"), unknown).await, 422, "customerId");

    let known = made(&orders, "/customers", &customer("jo@example.com")).await;
    let other = made(&orders, "/customers", &customer("other@example.com")).await;
    refuses(&send(&orders, post_json("/customers"), &customer("JO@example.com")).await, 409, "email");
    refuses(&send(&orders, keyed("/customers", "email"), &customer("jo@example.com")).await, 409, "email");
    let change = |id: &str| {
        let change = Request::patch(format!("/customers/{id}")).header("host", "test");
        change.header("content-type", "application/json")
    };
    let email = r#"{"email":"Jo@example.com"}"#;
    refuses(&send(&orders, change(&other), email).await, 409, "email");
    assert_eq!(send(&orders, change(&known), email).await.status, 200, "it is the customer's own address");

    for (path, body, another) in [
        ("/orders".to_owned(), r#"{"amount":1}"#.to_owned(), r#"{"amount":2}"#.to_owned()),
        ("/customers".to_owned(), customer("new@example.com"), customer("newer@example.com")),
    ] {
        let first = send(&orders, keyed(&path, &path), &body).await;
        let again = send(&orders, keyed(&path, &path), &body).await;
        one_had_its_effect(&[first, again], 201);
        refuses(&send(&orders, keyed(&path, &path), &another).await, 422, "Idempotency-Key");
    }
    // An order that does not exist for a customer that does not exist: the key counts first.
    refuses(&send(&orders, keyed("/orders", "/orders"), unknown).await, 422, "Idempotency-Key");
    let id = made(&orders, "/orders", r#"{"amount":3}"#).await;
    let pay = format!("/orders/{id}/pay");
    let paid = [send(&orders, keyed(&pay, "pay"), "").await, send(&orders, keyed(&pay, "pay"), "").await];
    one_had_its_effect(&paid, 200);
    refuses(&send(&orders, keyed(&format!("/orders/{id}/cancel"), "pay"), "").await, 422, "Idempotency-Key");

    assert_eq!(number(&link.database, "SELECT count(*) FROM orders").await, 2);
    assert_eq!(number(&link.database, "SELECT count(*) FROM outbox").await, 3);
    assert_eq!(number(&link.database, "SELECT count(*) FROM customers").await, 4, "with the default one");
    assert_eq!(number(&link.database, "SELECT count(*) FROM idempotency_keys").await, 3);
    assert_eq!(link.errors(), 0);
}

#[tokio::test]
async fn two_callers_with_one_key_have_sent_two_requests() {
    let (database, orders) = orders().await;
    let of = |caller: &str| match caller {
        "" => keyed("/orders", "one"),
        caller => keyed("/orders", "one").header("waybill-caller", caller),
    };
    let mut ids = HashSet::new();
    for caller in ["", "0123456789ab", "ba9876543210"] {
        let first = send(&orders, of(caller), r#"{"amount":1}"#).await;
        ids.insert(first.json()["id"].to_string());
        one_had_its_effect(&[first, send(&orders, of(caller), r#"{"amount":1}"#).await], 201);
        refuses(&send(&orders, of(caller), r#"{"amount":2}"#).await, 422, "Idempotency-Key");
    }
    assert_eq!(ids.len(), 3);
    assert_eq!(number(&database, "SELECT count(*) FROM orders").await, 3);
}

#[tokio::test]
async fn a_server_logs_no_error_however_requests_with_one_key_race() {
    let postgres = Postgres::start().await.unwrap();
    let connect = async |name: ComponentName| {
        let config = ServerConfig::new(&postgres.url(name.as_str())).unwrap();
        let database = Database::connect(config).await.unwrap();
        migrate::apply(&database, name, &migrate::migrations(name)).await.unwrap();
        database
    };
    let database = connect(ComponentName::Orders).await;
    let orders = http("orders", Limits::default(), Arc::new(database.clone()));
    let at_once = async |service: &HttpService, path: &str, body: &str| {
        join_all((0..AT_ONCE).map(|_| send(service, keyed(path, path), body))).await
    };
    one_had_its_effect(&at_once(&orders, "/orders", r#"{"amount":1}"#).await, 201);
    one_had_its_effect(&at_once(&orders, "/customers", &customer("jo@example.com")).await, 201);
    let id = made(&orders, "/orders", r#"{"amount":2}"#).await;
    one_had_its_effect(&at_once(&orders, &format!("/orders/{id}/pay"), "").await, 200);
    // The same address under keys of their own, and one key for orders that differ.
    let different = (0..AT_ONCE).map(|at| async move { (at, Uuid::now_v7().to_string()) });
    let (keys, body) = (join_all(different).await, customer("one@example.com"));
    let answers = join_all(keys.iter().map(|(_, key)| send(&orders, keyed("/customers", key), &body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 409).count(), AT_ONCE - 1);
    let bodies: Vec<String> = (1..=AT_ONCE).map(|amount| format!(r#"{{"amount":{amount}}}"#)).collect();
    let answers = join_all(bodies.iter().map(|body| send(&orders, keyed("/orders", "one"), body))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == 422).count(), AT_ONCE - 1);
    assert_eq!(number(&database, "SELECT count(*) FROM orders").await, 3);
    assert_eq!(number(&database, "SELECT count(*) FROM outbox").await, 4);
    assert_eq!(number(&database, "SELECT count(*) FROM customers").await, 3, "with the default one");

    let database = connect(ComponentName::Invoices).await;
    let invoices = http("invoices", Limits::default(), Arc::new(database.clone()));
    let answers = at_once(&invoices, "/webhook-endpoints", r#"{"url":"https://example.com/"}"#).await;
    assert!(answers.iter().all(|answer| answer.status == 201));
    assert_eq!(number(&database, "SELECT count(*) FROM webhook_endpoints").await, 1);

    let log = postgres.log();
    let errors: Vec<&str> = log.lines().filter(|line| line.contains("ERROR:")).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}

#[tokio::test]
async fn the_invoices_service_refuses_without_an_error_of_the_database() {
    let link = Counting::new(database(ComponentName::Invoices).await);
    let invoices = http("invoices", Limits::default(), link.clone());
    let handler = messages(Limits::default(), link.clone());
    let (url, other) = (r#"{"url":"https://example.com/"}"#, r#"{"url":"https://example.com/other"}"#);
    let answer = send(&invoices, keyed("/webhook-endpoints", "one"), url).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let endpoint = answer.json()["id"].as_str().unwrap().to_owned();
    let again = send(&invoices, keyed("/webhook-endpoints", "one"), url).await;
    assert_eq!((again.status.as_u16(), &again.json()["id"]), (201, &json!(endpoint)));
    refuses(&send(&invoices, keyed("/webhook-endpoints", "one"), other).await, 422, "Idempotency-Key");

    let order = Uuid::now_v7();
    let event = json!({ "orderId": order, "amount": 5000, "customer": { "id": "1651654165" } }).to_string();
    for _ in 0..2 {
        handler.handle("order.created", event.clone().into_bytes(), Context::new()).await.unwrap();
    }
    let deliveries = format!("/webhook-endpoints/{endpoint}/deliveries");
    let listed = send(&invoices, get(&deliveries), "").await.json();
    let path = format!("{deliveries}/{}/redeliver", listed["deliveries"][0]["eventId"].as_str().unwrap());
    let answers = join_all((0..AT_ONCE).map(|_| send(&invoices, keyed(&path, "again"), ""))).await;
    one_had_its_effect(&answers, 202);
    refuses(&send(&invoices, keyed(&path, "one"), "").await, 422, "Idempotency-Key");
    assert_eq!(number(&link.database, "SELECT count(*) FROM webhook_endpoints").await, 1);
    assert_eq!(link.errors(), 0);
}
