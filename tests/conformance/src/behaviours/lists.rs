//! Lists of orders and invoices.

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use waybill_tests::Http;

use super::problems::refused;
use crate::{System, Verdict};

/// Orders that are placed, and read again in pages of two.
const PLACED: usize = 5;

/// Invoices of orders from before that may be made as late.
const LATE: usize = 20;

pub async fn a_query_that_breaks_a_rule_is_refused(system: &System) -> Result<Verdict> {
    for (service, path, field) in [
        (&system.orders, "/orders?limit=0", "limit"),
        (&system.orders, "/orders?limit=x", "limit"),
        (&system.orders, "/orders?cursor=x", "cursor"),
        (&system.invoices, "/invoices?orderId=x", "orderId"),
        (&system.invoices, "/invoices?sellerId=A", "sellerId"),
        (&system.invoices, "/invoices?limit=101", "limit"),
        (&system.invoices, "/credit-notes?limit=0", "limit"),
        (&system.invoices, "/credit-notes?cursor=x", "cursor"),
        (&system.orders, "/orders?limit=1&limit=2", "limit"),
        (&system.orders, "/orders?limits=1", "limits"),
        (&system.orders, "/orders?limit=", "limit"),
        (&system.orders, "/orders?customerId=", "customerId"),
        (&system.orders, "/orders?customerId=%zz", "customerId"),
        (&system.orders, "/orders?customerId=%ff", "customerId"),
        (&system.orders, "/orders?createdFrom=2026-01-01", "createdFrom"),
        (&system.orders, "/orders/019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d?expand=lines", "expand"),
        (&system.orders, "/customers?limit=1&limit=2", "limit"),
        (&system.invoices, "/invoices?orderId=%2", "orderId"),
        (&system.invoices, "/invoices?number=1", "number"),
        (&system.invoices, "/invoices/019a3c6e-7b1f-7c4e-9d55-0c2f5a1b2c3d?lang=de", "lang"),
        (&system.invoices, "/webhook-endpoints?limit=%", "limit"),
    ] {
        refused(&service.get(path).await?, 422, field).context(path)?;
    }
    // An offset from UTC, encoded or as people write it.
    let order = system.place(r#"{"amount":77}"#).await?;
    for sign in ["+", "%2B", "-"] {
        for (query, is_in) in [("createdFrom=2026-01-01", true), ("createdTo=2026-01-01", false)] {
            let path = format!("/orders?limit=1&{query}T00:00:00{sign}02:00");
            let answer = system.orders.get(&path).await?;
            answer.expect(200).with_context(|| path.clone())?;
            let found = answer.json()?["orders"].as_array().is_some_and(|orders| orders.contains(&order));
            ensure!(found == is_in, "{path}: {}", answer.text());
        }
    }
    Ok(Verdict::Kept)
}

pub async fn lists_are_read_page_by_page_newest_first(system: &System) -> Result<Verdict> {
    let mut placed = Vec::new();
    for amount in 1..=PLACED {
        placed.insert(0, system.place(&format!(r#"{{"amount":{amount}}}"#)).await?);
    }
    let mut ids = Vec::new();
    for order in &placed {
        let id = order["id"].as_str().context("an order without an id")?;
        system.awaited_invoice_of(id).await?;
        ids.push(id.to_owned());
    }
    let orders = first_of(&system.orders, "orders", PLACED).await?;
    ensure!(orders == placed, "{orders:?} in place of {placed:?}");
    // Invoices are in the order of their making, which deliveries may change: among these may be one of an order from before.
    let newest = first_of(&system.invoices, "invoices", PLACED + LATE).await?;
    let made: Vec<_> = newest.iter().map(|invoice| invoice["id"].as_str().unwrap_or_default()).collect();
    ensure!(made.is_sorted_by(|newer, older| newer > older), "not newest first: {made:?}");
    let orders = newest.iter().map(|invoice| invoice["orderId"].as_str().unwrap_or_default().to_owned());
    let mut invoiced: Vec<_> = orders.filter(|order| ids.contains(order)).collect();
    invoiced.sort();
    ids.sort();
    ensure!(invoiced == ids, "{invoiced:?} in place of {ids:?}");
    Ok(Verdict::Kept)
}

/// The first items of a list, in pages of two.
async fn first_of(service: &Http, list: &str, count: usize) -> Result<Vec<Value>> {
    let mut items = Vec::new();
    let mut path = format!("/{list}?limit=2");
    while items.len() < count {
        let answer = service.get(&path).await?;
        answer.expect(200)?;
        let page = answer.json()?;
        let found = page[list].as_array().with_context(|| format!("no list in {page}"))?;
        ensure!(found.len() == 2 || page["nextCursor"].is_null(), "a short page in the middle: {page}");
        items.extend(found.iter().cloned());
        let cursor = page["nextCursor"].as_str();
        path = match cursor {
            Some(cursor) => format!("/{list}?limit=2&cursor={cursor}"),
            None => break,
        };
    }
    items.truncate(count);
    Ok(items)
}
