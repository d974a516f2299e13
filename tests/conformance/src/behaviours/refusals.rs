//! Orders that are refused, and why.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use serde_json::json;
use uuid::Uuid;
use waybill_tests::eventually;

use super::problems::refused;
use crate::system::{LIMIT, client};
use crate::{System, Verdict};

const LIMIT_BYTES: usize = 64 * 1024;

/// A body that is sent as `application/json`, the status it gets, and the field that is named.
struct Case {
    body: String,
    status: u16,
    field: &'static str,
}

fn case(body: impl Into<String>, status: u16, field: &'static str) -> Case {
    Case { body: body.into(), status, field }
}

fn cases() -> Vec<Case> {
    let mut cases = vec![
        case("", 400, ""),
        case("{", 400, ""),
        case(r#"{"amount":5000"#, 400, ""),
        case(r#"{"amount":05}"#, 400, ""),
        case("{\"amount\":5000}garbage", 400, ""),
        case("amount=5000", 400, ""),
        case("5000", 422, ""),
        case("[]", 422, ""),
        case("{}", 422, "amount"),
        case(r#"{"amount":1,"amount":2}"#, 422, "amount"),
        case(r#"{"amount":5000,"curency":"USD"}"#, 422, "curency"),
        case(r#"{"amount":5000,"currency":"EURO"}"#, 422, "currency"),
        case(r#"{"amount":5000,"currency":"eur"}"#, 422, "currency"),
        case(r#"{"amount":5000,"currency":978}"#, 422, "currency"),
        case(r#"{"amount":5000,"currency":""}"#, 422, "currency"),
        case(r#"{"amount":5000,"customerId":"nobody"}"#, 422, "customerId"),
        case(r#"{"amount":5000,"customerId":""}"#, 422, "customerId"),
        case(r#"{"amount":5000,"customerId":1651654165}"#, 422, "customerId"),
        case(r#"{"amount":5000,"customerId":"\u0000"}"#, 422, "customerId"),
        case(r#"{"amount":5000,"customerId":"' OR '1'='1"}"#, 422, "customerId"),
        case(format!(r#"{{"amount":5000,"customerId":"{}"}}"#, "x".repeat(10_000)), 422, "customerId"),
        case(r#"{"amount":5000,"customerId":" "}"#, 422, "customerId"),
        case(line(" ", "Ink"), 422, "lines[0].sku"),
        case(line("ink", "\u{3000}"), 422, "lines[0].description"),
        // A zero width space, which prints nothing.
        case(line("ink", "\u{200b}"), 422, "lines[0].description"),
        case(line("ink", ""), 422, "lines[0].description"),
        case(padded(LIMIT_BYTES + 1), 413, ""),
    ];
    for amount in [
        "0",
        "-1",
        "-0",
        "50.5",
        "0.1",
        "5000.0",
        "5e3",
        "1e400",
        "\"5000\"",
        "\"\"",
        "null",
        "true",
        "[]",
        "{}",
        "9007199254740992",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551617",
    ] {
        cases.push(case(format!(r#"{{"amount":{amount}}}"#), 422, "amount"));
    }
    cases
}

pub async fn an_order_that_breaks_a_rule_is_refused_and_not_written(system: &System) -> Result<Verdict> {
    let newest = system.newest(&system.orders, "orders").await?;
    for entry in system.orders_entries() {
        for Case { body, status, field } in cases() {
            let answer = entry.post_json("/orders", body.clone()).await?;
            let shown = body.get(..60).unwrap_or(&body);
            refused(&answer, status, field).with_context(|| format!("the body {shown:?}"))?;
        }
        let invalid_utf8 = b"{\"amount\":5000,\"customerId\":\"\xff\"}".to_vec();
        refused(&entry.post_json("/orders", invalid_utf8).await?, 400, "").context("invalid UTF-8")?;
    }
    ensure!(system.newest(&system.orders, "orders").await? == newest, "an order was written");
    Ok(Verdict::Kept)
}

pub async fn a_body_of_another_type_is_refused(system: &System) -> Result<Verdict> {
    let order = r#"{"amount":5000}"#;
    let newest = system.newest(&system.orders, "orders").await?;
    let others = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json; charset=latin1",
    ];
    for entry in system.orders_entries() {
        for other in others {
            let answer = entry.send(Method::POST, "/orders", &[("content-type", other)], order).await?;
            refused(&answer, 415, "").with_context(|| format!("the type {other:?}"))?;
        }
        refused(&entry.send(Method::POST, "/orders", &[], order).await?, 415, "").context("no type")?;
    }
    ensure!(system.newest(&system.orders, "orders").await? == newest, "an order was written");
    Ok(Verdict::Kept)
}

pub async fn what_is_at_the_edge_of_a_rule_is_inside(system: &System) -> Result<Verdict> {
    let largest = 9_007_199_254_740_991_i64;
    for (body, amount) in [
        (r#"{"amount":1}"#.to_owned(), 1),
        (format!(r#"{{"amount":{largest}}}"#), largest),
        (padded(LIMIT_BYTES), 5000),
    ] {
        let order = system.place(&body).await?;
        ensure!(order["amount"] == amount, "{order}");
        let invoice = system.awaited_invoice_of(order["id"].as_str().unwrap_or_default()).await?;
        ensure!(invoice["amount"] == amount, "{invoice}");
    }
    Ok(Verdict::Kept)
}

/// How many refusals of each kind are counted.
const COUNTED: i64 = 20;

pub async fn an_expected_refusal_is_no_error_of_the_database(system: &System) -> Result<Verdict> {
    let Some(databases) = &system.databases else { return Ok(Verdict::NotChecked("no database was given")) };
    // The statistics of one database are read from the other, so that reading them changes nothing.
    let (orders, reader) = (client(&databases.orders).await?, client(&databases.invoices).await?);
    let name: String = orders.query_one("SELECT current_database()::text", &[]).await?.try_get(0)?;
    let statistics = async || {
        let sql = "SELECT xact_commit, xact_rollback FROM pg_stat_database WHERE datname = $1";
        let row = reader.query_opt(sql, &[&name]).await?;
        row.map(|row| anyhow::Ok((row.try_get::<_, i64>(0)?, row.try_get::<_, i64>(1)?))).transpose()
    };
    let Some((committed, undone)) = statistics().await? else {
        return Ok(Verdict::NotChecked("the databases are on two servers"));
    };
    let known = system.orders.get("/customers/1651654165").await?.json()?;
    let mut taken = json!({ "name": "Jo", "address": "1 Street", "state": "Berlin", "zipCode": "10115", "country": "DE" });
    taken["email"] = known["email"].clone();
    let key = Uuid::now_v7().to_string();
    let keyed = [("content-type", "application/json"), ("idempotency-key", &*key)];
    let once = system.orders.send(Method::POST, "/orders", &keyed, r#"{"amount":1}"#).await?;
    for _ in 0..COUNTED {
        let unknown = r#"{"amount":1,"customerId":"nobody"}"#;
        refused(&system.orders.post_json("/orders", unknown).await?, 422, "customerId")?;
        refused(&system.orders.post_json("/customers", taken.to_string()).await?, 409, "email")?;
        let again = system.orders.send(Method::POST, "/orders", &keyed, r#"{"amount":1}"#).await?;
        ensure!(again.status == 201 && again.body == once.body, "{} {}", again.status, again.text());
        let another = system.orders.send(Method::POST, "/orders", &keyed, r#"{"amount":2}"#).await?;
        refused(&another, 422, "Idempotency-Key")?;
    }
    // A session tells its numbers when it likes, commits and the rest together.
    let (_, undone_now) = eventually("the server's statistics", LIMIT, async || {
        Ok(statistics().await?.filter(|(committed_now, _)| committed_now - committed >= 4 * COUNTED))
    })
    .await?;
    // Others may use the system, but each kind of refusal by itself would count as many.
    ensure!(undone_now - undone < COUNTED, "{} transactions were undone", undone_now - undone);
    Ok(Verdict::Kept)
}

/// An order of one line with these texts.
fn line(sku: &str, description: &str) -> String {
    let line = json!({ "sku": sku, "description": description, "quantity": 1, "unitPrice": 10_000,
        "taxRateBasisPoints": 1900 });
    json!({ "lines": [line] }).to_string()
}

/// A good order of so many bytes.
fn padded(bytes: usize) -> String {
    format!(r#"{{"amount":5000{}}}"#, " ".repeat(bytes - r#"{"amount":5000}"#.len()))
}
