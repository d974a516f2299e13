//! The statements of the components as the host and the database see them: each value in its column, the way they run, their plans.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod invoices;
mod orders;
#[path = "../support/mod.rs"]
mod support;

use std::time::Duration;

use serde_json::{Value, json};
use support::{Link, config, database, get, http, messages, post_json, row, send};
use tokio_postgres::SimpleQueryMessage;
use uuid::Uuid;
use waybill::runtime::Limits;
use waybill::settings::ComponentName;
use waybill_contracts::{CALLER_HEADER, Execution};
use waybill_postgres::Database;
use waybill_telemetry::Context;

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn new_customer() -> Value {
    json!({
        "name": "Jo Doe", "email": "jo@example.com", "address": "1 Street", "addressLine2": "Floor 2", "city": "Berlin",
        "state": "BE", "zipCode": "10115", "country": "DE", "vatId": "DE136695976", "companyId": "HRB 1",
        "companyIdScheme": "0060", "contact": "Al",
        "phone": "+49 30 1", "electronicAddress": { "scheme": "0204", "id": "04011000-12345-34" },
        "buyerReference": "r-1", "paymentDays": 7, "paymentTerms": "sonst netto",
        "cashDiscounts": [{ "days": 14, "rateBasisPoints": 200 }], "invoiceProfile": "xrechnung", "dateOfBirth": "1990-12-31",
    })
}

/// With a key, a caller and a trace context.
fn post_with_all_headers(path: &str, key: &str) -> http::request::Builder {
    post_json(path)
        .header("idempotency-key", key)
        .header(CALLER_HEADER, "0123456789ab")
        .header("traceparent", TRACEPARENT)
        .header("tracestate", "a=1")
}

async fn kept_answer(database: &Database, key: &str) -> (Value, Value) {
    let query = format!(
        "SELECT key, caller, of_every_caller, length(request_sha256) AS hash_length, status, location, answer
        FROM idempotency_keys WHERE key = '{key}'"
    );
    let mut kept = row(database, &query).await;
    let answer = serde_json::from_str(kept["answer"].take().as_str().unwrap()).unwrap();
    kept.as_object_mut().unwrap().remove("answer");
    (kept, answer)
}

fn kept_as(key: &str, status: u16, location: Option<&str>) -> Value {
    json!({
        "key": key, "caller": "0123456789ab", "of_every_caller": false, "hash_length": 64, "status": status,
        "location": location,
    })
}

/// An event whose customer has a value of its own for every member.
fn event(order: Uuid) -> Vec<u8> {
    let mut customer = new_customer();
    customer["id"] = "c-1".into();
    let lines = json!([{ "sku": "ink-1", "description": "Ink", "quantity": 3, "unitPrice": 1000, "taxRateBasisPoints": 1900 }]);
    json!({ "orderId": order, "amount": 3570, "currency": "USD", "customer": customer, "lines": lines })
        .to_string()
        .into_bytes()
}

#[tokio::test]
async fn the_host_recognizes_the_execution_that_a_statement_declares() {
    let link = Link::new(database(ComponentName::Orders).await);
    let orders = http("orders", Limits::default(), link.clone());
    send(&orders, post_json("/orders"), r#"{"amount":1}"#).await;
    send(&orders, get("/orders"), "").await;
    let executions =
        |link: &Link| link.seen.lock().unwrap().iter().map(|text| Execution::of(text)).collect::<Vec<_>>();
    assert_eq!(executions(&link), [Execution::GroupCommit, Execution::Plain]);

    let link = Link::new(database(ComponentName::Invoices).await);
    let handler = messages(Limits::default(), link.clone());
    handler.handle("order.created", event(Uuid::now_v7()), Context::new()).await.unwrap();
    // A message that carries its own trace ends in a comment, which changes nothing at the start.
    let mut traced: Value = serde_json::from_slice(&event(Uuid::now_v7())).unwrap();
    traced["traceparent"] = TRACEPARENT.into();
    handler.handle("order.created", traced.to_string().into_bytes(), Context::new()).await.unwrap();
    // An instance reads the seller once.
    assert_eq!(
        executions(&link),
        [Execution::Plain, Execution::SerializedGroupCommit, Execution::SerializedGroupCommit]
    );
    assert!(link.seen.lock().unwrap()[2].ends_with("*/"));
}

/// The plan of a statement for any parameters, which PostgreSQL may choose for a prepared one, executed with these.
async fn generic_plan(database: &Database, statement: &str, parameters: &str) -> String {
    let session = database.session().await.unwrap();
    session.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    session.batch_execute(&format!("PREPARE page AS {statement}")).await.unwrap();
    let explain = format!("EXPLAIN (ANALYZE, TIMING OFF) EXECUTE page ({parameters})");
    let line = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(ToOwned::to_owned),
        _ => None,
    };
    let plan = session.simple_query(&explain).await.unwrap();
    plan.iter().filter_map(line).collect::<Vec<String>>().join("\n")
}

#[tokio::test]
async fn a_page_of_many_orders_is_read_by_one_index() {
    let mut config = config(ComponentName::Orders).await;
    config.statement_limit = Duration::from_mins(1);
    let database = Database::connect(config).await.unwrap();
    let rows = "INSERT INTO orders (id, customer_id, amount, status)
        SELECT gen_random_uuid(), '1651654165', n, (ARRAY['pending', 'paid', 'canceled'])[1 + n % 3]
        FROM generate_series(1, 100000) AS n";
    database.query_batch(rows).await.unwrap();
    database.query_batch("ANALYZE orders").await.unwrap();
    let link = Link::new(database.clone());
    send(&http("orders", Limits::default(), link.clone()), get("/orders"), "").await;
    let statement = link.seen.lock().unwrap()[0].clone();
    let (below, from) = (Uuid::max(), Uuid::nil());
    for (customer, status) in
        [("NULL", "NULL"), ("'nobody'", "NULL"), ("NULL", "'paid'"), ("'nobody'", "'paid'")]
    {
        let parameters = format!("'{below}', '{from}', {customer}, {status}, 21");
        let plan = generic_plan(&database, &statement, &parameters).await;
        let scans =
            plan.lines().filter(|line| line.contains(" using orders_") && !line.contains("never executed"));
        assert_eq!(scans.count(), 1, "{plan}");
        assert!(!plan.contains("Seq Scan on orders") && !plan.contains("Sort Method"), "{plan}");
        let removed = plan.lines().find_map(|line| line.trim().strip_prefix("Rows Removed by Filter: "));
        assert!(removed.is_none_or(|rows| rows.parse::<u32>().unwrap() < 1000), "{plan}");
    }
}

#[tokio::test]
async fn a_page_of_one_sellers_documents_is_read_by_one_index() {
    let mut config = config(ComponentName::Invoices).await;
    config.statement_limit = Duration::from_mins(1);
    let database = Database::connect(config).await.unwrap();
    // One document in a hundred is of the seller `paper`, and all of them are older than the others.
    let rows = "ALTER TABLE invoices DISABLE TRIGGER USER;
        ALTER TABLE credit_notes DISABLE TRIGGER USER;
        ALTER TABLE invoices DROP CONSTRAINT invoices_series_of_seller;
        INSERT INTO invoices (id, order_id, series, number, printed_number, customer_id, amount, currency, seller)
        SELECT lpad(to_hex(n), 32, '0')::uuid, gen_random_uuid(), CASE WHEN n <= 200 THEN 'paper/2026' ELSE '2026' END, n, n::text, 'c', 1,
            'EUR', seller_kept()
        FROM generate_series(1, 20000) AS n;
        INSERT INTO credit_notes (id, invoice_id, series, number, prefix, printed_number)
        SELECT id, id, series, number, 'CN-', printed_number FROM invoices;
        ANALYZE invoices, credit_notes";
    database.query_batch(rows).await.unwrap();
    let below = Uuid::max();
    for (path, table, filters) in [
        ("/invoices", "invoices", &["NULL, NULL, 21", "NULL, 'paper', 21", "NULL, 'nobody', 21"][..]),
        ("/credit-notes", "credit_notes", &["NULL, 21", "'paper', 21", "'nobody', 21"]),
    ] {
        let link = Link::new(database.clone());
        send(&http("invoices", Limits::default(), link.clone()), get(path), "").await;
        let statement = link.seen.lock().unwrap()[0].clone();
        for filter in filters {
            let plan = generic_plan(&database, &statement, &format!("'{below}', {filter}")).await;
            assert!(!plan.contains(&format!("Seq Scan on {table}")), "{filter}: {plan}");
            let removed =
                plan.lines().filter_map(|line| line.trim().strip_prefix("Rows Removed by Filter: "));
            assert!(removed.map(|rows| rows.parse::<u32>().unwrap()).sum::<u32>() < 1000, "{filter}: {plan}");
        }
    }
}
