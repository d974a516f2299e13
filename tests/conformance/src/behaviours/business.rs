//! Customers, orders that are paid and canceled, and requests that are sent again.

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use hyper::Method;
use serde_json::{Value, json};
use uuid::Uuid;
use waybill_tests::{Answer, Http, eventually};

use crate::system::LIMIT;
use crate::{System, Verdict};

const JSON: (&str, &str) = ("content-type", "application/json");

/// How many retries of one request are sent at the same time.
const RETRIES: usize = 100;

/// How many requests race for an e-mail address.
const RACING: usize = 16;

pub async fn a_customer_is_made_changed_and_billed(system: &System) -> Result<Verdict> {
    let email = format!("{}@example.com", Uuid::now_v7());
    let customer = json!({ "name": "Jo Doe", "email": email, "address": "1 Example Street", "state": "Berlin",
        "zipCode": "10115", "country": "DE" });
    let made = system.orders.post_json("/customers", customer.to_string()).await?;
    made.expect(201)?;
    let made = made.json()?;
    let path = format!("/customers/{}", made["id"].as_str().context("a customer without an id")?);
    ensure!(made["email"] == email.as_str() && made["dateOfBirth"].is_null(), "{made}");

    let other = json!({ "name": "Someone Else", "email": email.to_uppercase(), "address": "2 Example Street",
        "state": "Berlin", "zipCode": "10115", "country": "DE" });
    let refused = system.orders.post_json("/customers", other.to_string()).await?;
    ensure!(
        refused.status == 409 && refused.text().contains("email"),
        "{} {}",
        refused.status,
        refused.text()
    );

    let change = json!({ "name": "Jo Roe", "dateOfBirth": "1990-12-31" }).to_string();
    let changed = system.orders.send(Method::PATCH, &path, &[JSON], change).await?;
    changed.expect(200)?;
    let changed = changed.json()?;
    ensure!(changed["name"] == "Jo Roe" && changed["dateOfBirth"] == "1990-12-31", "{changed}");
    ensure!(system.orders.get(&path).await?.json()? == changed, "what is read is what was changed");

    let order = system.place(&json!({ "amount": 700, "customerId": made["id"] }).to_string()).await?;
    let invoice = system.awaited_invoice_of(order["id"].as_str().unwrap_or_default()).await?;
    ensure!(invoice["customer"]["name"] == "Jo Roe" && invoice["customer"]["country"] == "DE", "{invoice}");
    let later = json!({ "name": "Jo Coe" }).to_string();
    system.orders.send(Method::PATCH, &path, &[JSON], later).await?;
    let invoice_path = format!("/invoices/{}", invoice["id"].as_str().unwrap_or_default());
    let kept = system.invoices.get(&invoice_path).await?.json()?;
    ensure!(kept["customer"]["name"] == "Jo Roe", "an invoice keeps its customer as it was: {kept}");
    Ok(Verdict::Kept)
}

pub async fn an_order_of_lines_is_paid_canceled_and_credited(system: &System) -> Result<Verdict> {
    let line = |sku: &str, quantity: i64, price: i64, tax: i64| json!({ "sku": sku, "description": "Ink", "quantity": quantity, "unitPrice": price, "taxRateBasisPoints": tax });
    let lines = [line("a", 3, 1000, 1900), line("b", 1, 999, 700)];
    let order = system.place(&json!({ "lines": lines }).to_string()).await?;
    // 3000 and 19 %, 999 and 7 %, which is 69.93.
    ensure!(order["amount"] == 3000 + 570 + 999 + 70 && order["version"] == 1, "{order}");
    let id = order["id"].as_str().context("an order without an id")?;
    let invoice = system.awaited_invoice_of(id).await?;
    ensure!(invoice["amount"] == order["amount"] && invoice["status"] == "issued", "{invoice}");
    ensure!(invoice["lines"][1]["sku"] == "b" && invoice["taxes"][1]["taxAmount"] == 570, "{invoice}");

    let paid = system.orders.send(Method::POST, &format!("/orders/{id}/pay"), &[], "").await?;
    ensure!(paid.status == 200 && paid.json()?["status"] == "paid", "{} {}", paid.status, paid.text());
    let again = system.orders.send(Method::POST, &format!("/orders/{id}/pay"), &[], "").await?;
    ensure!(
        again.status == 409 && again.json()?["currentStatus"] == "paid",
        "{} {}",
        again.status,
        again.text()
    );
    let invoice = becomes(system, id, "paid").await?;
    ensure!(invoice["paidAt"].is_string() && invoice["creditNote"].is_null(), "{invoice}");

    let canceled = system.orders.send(Method::POST, &format!("/orders/{id}/cancel"), &[], "").await?;
    ensure!(
        canceled.status == 200 && canceled.json()?["version"] == 3,
        "{} {}",
        canceled.status,
        canceled.text()
    );
    let invoice = becomes(system, id, "credited").await?;
    let number = invoice["creditNote"]["number"].as_str().unwrap_or_default();
    ensure!(number.starts_with("CN-") && invoice["amount"] == order["amount"], "{invoice}");
    Ok(Verdict::Kept)
}

async fn becomes(system: &System, order: &str, status: &str) -> Result<Value> {
    eventually(&format!("an invoice that is {status}"), LIMIT, async || {
        let invoice = system.invoice_of(order).await?.context("no invoice")?;
        Ok((invoice["status"] == status).then_some(invoice))
    })
    .await
}

pub async fn each_seller_issues_with_numbers_of_its_own(system: &System) -> Result<Verdict> {
    // Nobody has set this one before, so its numbers begin.
    let id = Uuid::now_v7().to_string();
    let seller = json!({ "name": "Paper Inc.", "address": "1 Street", "city": "New York", "zipCode": "10118", "country": "US",
        "email": "a@example.com" });
    let path = format!("/sellers/{id}");
    system.invoices.send(Method::PUT, &path, &[JSON], seller.to_string()).await?.expect(200)?;
    let series = json!({ "invoicePrefix": "P-" }).to_string();
    system.invoices.send(Method::PUT, &format!("{path}/series"), &[JSON], series).await?.expect(200)?;
    for number in 1..3 {
        let order = system.place(&json!({ "amount": 700, "sellerId": id }).to_string()).await?;
        let order = order["id"].as_str().context("an order without an id")?;
        let invoice = system.awaited_invoice_of(order).await?;
        let printed = invoice["number"].as_str().unwrap_or_default();
        ensure!(printed.starts_with("P-") && printed.ends_with(&format!("-00000{number}")), "{invoice}");
        ensure!(invoice["sellerId"] == id.as_str() && invoice["seller"]["name"] == "Paper Inc.", "{invoice}");
        system.orders.send(Method::POST, &format!("/orders/{order}/cancel"), &[], "").await?.expect(200)?;
        let invoice = becomes(system, order, "credited").await?;
        let note = invoice["creditNote"]["number"].as_str().unwrap_or_default();
        ensure!(note.ends_with(&format!("-00000{number}")), "{invoice}");
    }
    Ok(Verdict::Kept)
}

pub async fn a_request_with_a_key_has_its_effect_once(system: &System) -> Result<Verdict> {
    let key = Uuid::now_v7().to_string();
    let body = r#"{"amount":4711}"#;
    let answers = try_join_all((0..RETRIES).map(|_| keyed(&system.orders, "/orders", &key, body))).await?;
    let first = answers[0].json()?;
    for answer in &answers {
        ensure!(answer.status == 201 && answer.json()? == first, "{} {}", answer.status, answer.text());
        let location = format!("/orders/{}", first["id"].as_str().unwrap_or_default());
        ensure!(answer.header("location") == Some(location.as_str()), "{:?}", answer.headers);
    }
    let replayed =
        answers.iter().filter(|answer| answer.header("idempotency-replayed") == Some("true")).count();
    ensure!(replayed == RETRIES - 1, "{replayed} of {RETRIES} answers were given again");

    let other = keyed(&system.orders, "/orders", &key, r#"{"amount":1}"#).await?;
    ensure!(
        other.status == 422 && other.text().contains("Idempotency-Key"),
        "{} {}",
        other.status,
        other.text()
    );

    let path = format!("/orders/{}/pay", first["id"].as_str().unwrap_or_default());
    let pay_key = Uuid::now_v7().to_string();
    let paid = keyed(&system.orders, &path, &pay_key, "").await?;
    let again = keyed(&system.orders, &path, &pay_key, "").await?;
    ensure!(paid.status == 200 && again.status == 200, "{} {}", paid.text(), again.text());
    ensure!(paid.json()? == again.json()?, "{} {}", paid.text(), again.text());
    ensure!(again.header("idempotency-replayed") == Some("true"), "{:?}", again.headers);
    Ok(Verdict::Kept)
}

pub async fn a_customer_is_made_once_however_requests_with_one_key_race(system: &System) -> Result<Verdict> {
    let customer = json!({ "name": "Jo Doe", "email": format!("{}@example.com", Uuid::now_v7()), "address": "1 Example Street",
        "state": "Berlin", "zipCode": "10115", "country": "DE" })
    .to_string();
    let key = Uuid::now_v7().to_string();
    let all = (0..RACING).map(|_| keyed(&system.orders, "/customers", &key, &customer));
    let answers = try_join_all(all).await?;
    for answer in &answers {
        ensure!(
            answer.status == 201 && answer.body == answers[0].body,
            "{} {}",
            answer.status,
            answer.text()
        );
    }
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == Some("true"));
    ensure!(replayed.count() == RACING - 1, "one of them was made, and the others got its answer");

    // The same address under another key is another request, and refused.
    let other = keyed(&system.orders, "/customers", &Uuid::now_v7().to_string(), &customer).await?;
    ensure!(other.status == 409 && other.text().contains("email"), "{} {}", other.status, other.text());
    Ok(Verdict::Kept)
}

async fn keyed(orders: &Http, path: &str, key: &str, body: &str) -> Result<Answer> {
    orders.send(Method::POST, path, &[JSON, ("idempotency-key", key)], body.to_owned()).await
}
