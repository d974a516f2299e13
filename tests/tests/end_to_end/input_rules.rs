//! What is refused, why, and that nothing of it is written.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{Answer, Books, Http};

use crate::{World, on_both_databases};

const LIMIT_BYTES: usize = 64 * 1024;

on_both_databases!(an_order_that_breaks_a_rule_is_refused_and_not_written);
on_both_databases!(what_does_not_exist_is_not_found_and_other_methods_are_not_allowed);

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

async fn an_order_that_breaks_a_rule_is_refused_and_not_written(world: &World) -> Result<()> {
    let waybill = world.up().await?;
    for entry in [&waybill.orders, &waybill.gateway] {
        for Case { body, status, field } in cases() {
            let answer = entry.post_json("/orders", body.clone()).await?;
            let shown = body.get(..60).unwrap_or(&body);
            refused(&answer, status, field).with_context(|| format!("the body {shown:?}"))?;
        }
        let invalid_utf8 = b"{\"amount\":5000,\"customerId\":\"\xff\"}".to_vec();
        refused(&entry.post_json("/orders", invalid_utf8).await?, 400, "").context("invalid UTF-8")?;
        content_types(entry).await?;
    }
    let books = Books::read(&waybill).await?;
    ensure!(books.orders.is_empty() && books.invoices.is_empty(), "something was written: {books:?}");

    // What is at the edge of a rule is inside.
    let largest = format!(r#"{{"amount":{}}}"#, 9_007_199_254_740_991_i64);
    let edges = [r#"{"amount":1}"#.to_owned(), largest, padded(LIMIT_BYTES)];
    for body in &edges {
        let answer = waybill.gateway.post_json("/orders", body.clone()).await?;
        ensure!(answer.status == 201, "{:?}: {}", body.get(..60), answer.text());
    }
    let books = Books::settled(&waybill).await?;
    ensure!(books.orders.len() == edges.len(), "{books:?}");
    books.check(&[])
}

async fn content_types(entry: &Http) -> Result<()> {
    let order = r#"{"amount":5000}"#;
    let others = [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json; charset=latin1",
    ];
    for other in others {
        let answer = entry.send(Method::POST, "/orders", &[("content-type", other)], order).await?;
        refused(&answer, 415, "").with_context(|| format!("the type {other:?}"))?;
    }
    refused(&entry.send(Method::POST, "/orders", &[], order).await?, 415, "").context("no type")
}

async fn what_does_not_exist_is_not_found_and_other_methods_are_not_allowed(world: &World) -> Result<()> {
    let waybill = world.up().await?;
    let (order, invoice) =
        ("/orders/01890a5d-ac96-774b-bcce-b302099a8057", "/invoices/01890a5d-ac96-774b-bcce-b302099a8057");
    for path in [order, invoice, "/orders/1", "/invoices/1", "/orders/1/2", "/nothing", "/"] {
        refused(&waybill.gateway.get(path).await?, 404, "").with_context(|| path.to_owned())?;
    }
    for (entry, path) in
        [(&waybill.orders, "/nothing"), (&waybill.invoices, "/nothing"), (&waybill.orders, "/invoices")]
    {
        refused(&entry.get(path).await?, 404, "").with_context(|| path.to_owned())?;
    }
    let not_allowed = [
        (Method::DELETE, "/orders", "POST"),
        (Method::PUT, "/orders", "GET"),
        (Method::PATCH, order, "GET"),
        (Method::DELETE, order, "GET"),
        (Method::POST, "/invoices", "GET"),
        (Method::DELETE, invoice, "GET"),
    ];
    for (method, path, allowed) in not_allowed {
        let what = format!("{method} {path}");
        let answer =
            waybill.gateway.send(method, path, &[("content-type", "application/json")], "{}").await?;
        refused(&answer, 405, "").with_context(|| what.clone())?;
        let allow = answer.header("allow").unwrap_or_default();
        ensure!(allow.split(',').any(|method| method.trim() == allowed), "{what}: Allow: {allow:?}");
    }
    for (entry, path, field) in [
        (&waybill.orders, "/orders?limit=0", "limit"),
        (&waybill.orders, "/orders?cursor=x", "cursor"),
        (&waybill.invoices, "/invoices?orderId=x", "orderId"),
        (&waybill.invoices, "/invoices?limit=101", "limit"),
    ] {
        refused(&entry.get(path).await?, 422, field).with_context(|| path.to_owned())?;
    }
    Ok(())
}

/// A refusal is a problem document (RFC 9457) with the status inside, and names the field when one is at fault.
fn refused(answer: &Answer, status: u16, field: &str) -> Result<()> {
    ensure!(answer.status == status, "{} in place of {status}: {}", answer.status, answer.text());
    let kind = answer.header("content-type").unwrap_or_default();
    ensure!(kind == "application/problem+json", "the content type is {kind:?}");
    let problem = answer.json()?;
    ensure!(problem["status"] == status && problem["title"].is_string(), "{problem}");
    ensure!(problem["detail"].as_str().is_some_and(|detail| detail.ends_with('.')), "a sentence: {problem}");
    let fields: Vec<_> =
        problem["errors"].as_array().into_iter().flatten().map(|error| &error["field"]).collect();
    ensure!(
        if field.is_empty() { fields.is_empty() } else { fields == [field] },
        "the fields at fault: {problem}"
    );
    Ok(())
}

/// A good order of so many bytes.
fn padded(bytes: usize) -> String {
    format!(r#"{{"amount":5000{}}}"#, " ".repeat(bytes - r#"{"amount":5000}"#.len()))
}
