//! The way of an order that nothing disturbs.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use uuid::Uuid;
use waybill_tests::eventually;

use crate::system::{LIMIT, client};
use crate::{System, Verdict};

pub async fn the_services_are_healthy(system: &System) -> Result<Verdict> {
    for service in [&system.orders, &system.invoices] {
        eventually("health", LIMIT, async || Ok((service.get("/health").await?.status == 200).then_some(())))
            .await?;
    }
    Ok(Verdict::Kept)
}

pub async fn the_services_describe_themselves(system: &System) -> Result<Verdict> {
    for (entries, name) in [
        (system.orders_entries().collect::<Vec<_>>(), "orders"),
        (system.invoices_entries().collect::<Vec<_>>(), "invoices"),
    ] {
        for entry in entries {
            let document = entry.get(&format!("/openapi/{name}.json")).await?;
            document.expect(200)?;
            let document = document.json()?;
            let described = &document["paths"][format!("/{name}/{{id}}")]["get"];
            ensure!(document["openapi"] == "3.1.0" && described.is_object(), "{document}");
            let page = entry.get(&format!("/docs/{name}")).await?;
            ensure!(page.status == 200 && page.text().contains("<!doctype html>"), "{}", page.status);
        }
    }
    Ok(Verdict::Kept)
}

pub async fn an_accepted_order_is_answered_as_it_is_kept(system: &System) -> Result<Verdict> {
    for entry in system.orders_entries() {
        let answer = entry.post_json("/orders", r#"{"amount":5000}"#).await?;
        answer.expect(201)?;
        ensure!(answer.header("content-type") == Some("application/json"), "{:?}", answer.headers);
        let order = answer.json()?;
        let path = answer.header("location").unwrap_or_default().to_owned();
        ensure!(order["id"].as_str().is_some_and(|id| path == format!("/orders/{id}")), "{path} {order}");
        ensure!(
            order["amount"] == 5000 && order["currency"] == "EUR" && order["status"] == "pending",
            "{order}"
        );
        ensure!(order["customerId"] == "1651654165", "{order}");
        ensure!(order["createdAt"].as_str().is_some_and(|time| time.ends_with('Z')), "{order}");
        ensure!(entry.get(&path).await?.json()? == order, "what is read is what was written");
    }
    Ok(Verdict::Kept)
}

pub async fn an_accepted_order_is_invoiced(system: &System) -> Result<Verdict> {
    let order = system.place(r#"{"amount":5000,"currency":"USD","customerId":"1651654165"}"#).await?;
    let invoice = system.awaited_invoice_of(order["id"].as_str().unwrap_or_default()).await?;
    ensure!(invoice["orderId"] == order["id"] && invoice["amount"] == 5000, "{invoice}");
    ensure!(invoice["currency"] == "USD" && invoice["customerId"] == "1651654165", "{invoice}");
    let path = format!("/invoices/{}", invoice["id"].as_str().unwrap_or_default());
    for entry in system.invoices_entries() {
        ensure!(entry.get(&path).await?.json()? == invoice, "one invoice, wherever it is read");
        let page = entry.send(Method::GET, &path, &[("accept", "text/html")], "").await?;
        page.expect(200)?;
        let kind = page.header("content-type").unwrap_or_default();
        ensure!(kind.starts_with("text/html"), "the content type is {kind:?}");
        ensure!(page.text().contains("50.00"), "the page shows the amount: {}", page.text());
    }
    Ok(Verdict::Kept)
}

pub async fn an_order_is_a_row_and_its_event_goes_when_it_is_delivered(system: &System) -> Result<Verdict> {
    let Some(databases) = &system.databases else { return Ok(Verdict::NotChecked("no database was given")) };
    let order = system.place(r#"{"amount":1234,"currency":"JPY"}"#).await?;
    let id: Uuid = order["id"].as_str().context("an order without id")?.parse()?;
    let orders = client(&databases.orders).await?;
    let sql = "SELECT amount, currency FROM orders WHERE id = $1";
    let row = orders.query_one(sql, &[&id]).await.context("the acknowledged order")?;
    let (amount, currency): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
    ensure!((amount, currency.as_str()) == (1234, "JPY"), "{amount} {currency}");

    eventually("the event to leave the outbox", LIMIT, async || {
        let waiting = orders.query_one("SELECT count(*) FROM outbox WHERE order_id = $1", &[&id]).await?;
        Ok((waiting.try_get::<_, i64>(0)? == 0).then_some(()))
    })
    .await?;
    // With a broker in between, the event has left the outbox before it is handled.
    let invoices = client(&databases.invoices).await?;
    let sql = "SELECT count(*), min(amount), min(currency) FROM invoices WHERE order_id = $1";
    let invoice = eventually("the invoice", LIMIT, async || {
        let row = invoices.query_one(sql, &[&id]).await?;
        let invoice: (i64, Option<i64>, Option<String>) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        Ok((invoice.0 > 0).then_some(invoice))
    })
    .await?;
    ensure!(invoice == (1, Some(1234), Some("JPY".to_owned())), "{invoice:?}");
    Ok(Verdict::Kept)
}
