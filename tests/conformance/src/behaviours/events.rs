//! Events that come over HTTP, as CloudEvents in binary mode.

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use hyper::Method;
use serde_json::json;
use uuid::Uuid;
use waybill_tests::Answer;

use super::problems::refused;
use crate::{System, Verdict};

/// Deliveries that race.
const RACING: usize = 16;

/// Orders whose events are delivered all at once, each of them twice.
const AT_ONCE: usize = 40;

const NO_TOKEN: Verdict = Verdict::NotChecked("no events token was given");

pub async fn an_event_is_taken_with_the_token_only(system: &System) -> Result<Verdict> {
    let Some(token) = &system.events_token else { return Ok(NO_TOKEN) };
    let order = Uuid::now_v7();
    let upper = format!("Bearer {}x", token.to_uppercase());
    for authorization in ["", "Bearer", "Basic dTpw", token, "Bearer wrong", "Bearer ' OR true --", &upper] {
        let answer = deliver_as(system, authorization, &event(order)).await?;
        refused(&answer, 401, "").context("an event without the right token")?;
        ensure!(answer.header("www-authenticate") == Some("Bearer"), "{:?}", answer.headers);
        ensure!(!answer.text().contains(token.as_str()), "the answer repeats the token");
    }
    ensure!(system.invoice_of(&order.to_string()).await?.is_none(), "it was invoiced all the same");
    Ok(Verdict::Kept)
}

pub async fn an_event_is_invoiced_once_however_often_it_is_delivered(system: &System) -> Result<Verdict> {
    let Some(token) = &system.events_token else { return Ok(NO_TOKEN) };
    let order = system.order_for_events(5000, "EUR").await?;
    let body = event(order);
    taken(&deliver(system, token, &body).await?)?;
    let invoice = system.invoice_of(&order.to_string()).await?.context("a taken event is invoiced")?;
    ensure!(invoice["amount"] == 5000 && invoice["customerId"] == "1651654165", "{invoice}");
    for _ in 0..3 {
        taken(&deliver(system, token, &body).await?)?;
    }
    // Nobody has taken this one in before, so that all race for it.
    let raced = system.order_for_events(5000, "EUR").await?;
    let body = event(raced);
    for answer in try_join_all((0..RACING).map(|_| deliver(system, token, &body))).await? {
        taken(&answer)?;
    }
    ensure!(
        system.invoice_of(&order.to_string()).await? == Some(invoice),
        "the first invoice stays as it is"
    );
    ensure!(system.invoice_of(&raced.to_string()).await?.is_some(), "one of the deliveries made an invoice");
    Ok(Verdict::Kept)
}

pub async fn an_event_of_the_replaced_system_is_taken(system: &System) -> Result<Verdict> {
    let Some(token) = &system.events_token else { return Ok(NO_TOKEN) };
    let order = system.order_for_events(700, "USD").await?;
    let with_more = format!(
        r#"{{"orderId":"{order}","amount":700,"customer":{{"id":"1651654165","name":"C"}},"currency":"USD","discounts":[{{}}],"version":2}}"#
    );
    taken(&deliver(system, token, &with_more).await?)?;
    let invoice = system.invoice_of(&order.to_string()).await?.context("it is invoiced")?;
    ensure!(
        invoice["amount"] == 700 && invoice["currency"] == "USD" && invoice["customerId"] == "1651654165",
        "{invoice}"
    );
    let plain = system.order_for_events(5000, "EUR").await?;
    taken(&deliver(system, token, &event(plain)).await?)?;
    let invoice = system.invoice_of(&plain.to_string()).await?.context("it is invoiced")?;
    ensure!(invoice["currency"] == "EUR", "the currency of an event that names none: {invoice}");
    Ok(Verdict::Kept)
}

pub async fn a_malformed_event_is_refused_and_takes_no_number(system: &System) -> Result<Verdict> {
    let Some(token) = &system.events_token else { return Ok(NO_TOKEN) };
    let order = Uuid::now_v7();
    let newest = system.newest(&system.invoices, "invoices").await?;
    for body in [
        r#"{"amount":1,"customer":{"id":"c"}}"#.to_owned(),
        r#"{"orderId":"x","amount":1,"customer":{"id":"c"}}"#.to_owned(),
        format!(r#"{{"orderId":"{order}","amount":0,"customer":{{"id":"c"}}}}"#),
        format!(r#"{{"orderId":"{order}","amount":1.5,"customer":{{"id":"c"}}}}"#),
        format!(r#"{{"orderId":"{order}","amount":1}}"#),
        format!(r#"{{"orderId":"{order}","amount":1,"customer":{{"id":"c"}},"currency":"eur"}}"#),
        // Its documents could not bill these as the event tells them.
        of_line(order, 11_900, " ", 1),
        of_line(order, 11_900, "ink", -1),
        of_line(order, 10_000, "ink", 1),
    ] {
        refused(&deliver(system, token, &body).await?, 422, "").context(body)?;
    }
    let authorization = format!("Bearer {token}");
    let headers = authorized(&authorization);
    let without_type: Vec<_> = headers.iter().filter(|(name, _)| *name != "ce-type").copied().collect();
    let answer = system.invoices.send(Method::POST, "/events", &without_type, event(order)).await?;
    refused(&answer, 400, "ce-type")?;
    ensure!(system.newest(&system.invoices, "invoices").await? == newest, "something was invoiced");
    Ok(Verdict::Kept)
}

pub async fn numbers_have_no_gap_however_deliveries_race(system: &System) -> Result<Verdict> {
    let Some(token) = &system.events_token else { return Ok(NO_TOKEN) };
    let orders = try_join_all((0..AT_ONCE).map(|_| system.order_for_events(5000, "EUR"))).await?;
    let bodies: Vec<_> = orders.iter().chain(&orders).map(|order| event(*order)).collect();
    for answer in try_join_all(bodies.iter().map(|body| deliver(system, token, body))).await? {
        taken(&answer)?;
    }
    let mut numbers = Vec::new();
    for order in orders {
        let invoice = system.invoice_of(&order.to_string()).await?.context("an order without invoice")?;
        let number =
            invoice["number"].as_str().and_then(|number| number.rsplit_once('-')).context("no number")?;
        numbers.push(number.1.parse::<u64>()?);
    }
    numbers.sort_unstable();
    let gapless = numbers.windows(2).all(|pair| pair[0] + 1 == pair[1]);
    ensure!(gapless, "the numbers of {AT_ONCE} invoices: {numbers:?}");
    Ok(Verdict::Kept)
}

fn event(order: Uuid) -> String {
    format!(r#"{{"orderId":"{order}","amount":5000,"customer":{{"id":"1651654165"}}}}"#)
}

/// An event of one line of 100.00 for a piece, with 19 % tax.
fn of_line(order: Uuid, amount: i64, text: &str, quantity: i64) -> String {
    let line = json!({ "sku": text, "description": text, "quantity": quantity, "unitPrice": 10_000, "taxRateBasisPoints": 1900 });
    json!({ "orderId": order, "amount": amount, "customer": { "id": "c" }, "lines": [line] }).to_string()
}

/// The headers of an event, with an `Authorization`.
fn authorized(authorization: &str) -> [(&'static str, &str); 6] {
    [
        ("content-type", "application/json"),
        ("ce-specversion", "1.0"),
        ("ce-type", "order.created"),
        ("ce-id", "019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d"),
        ("ce-source", "/orders"),
        ("authorization", authorization),
    ]
}

async fn deliver(system: &System, token: &str, body: &str) -> Result<Answer> {
    deliver_as(system, &format!("Bearer {token}"), body).await
}

async fn deliver_as(system: &System, authorization: &str, body: &str) -> Result<Answer> {
    system.invoices.send(Method::POST, "/events", &authorized(authorization), body.to_owned()).await
}

fn taken(answer: &Answer) -> Result<()> {
    ensure!(answer.status == 204 && answer.body.is_empty(), "{} {}", answer.status, answer.text());
    Ok(())
}
