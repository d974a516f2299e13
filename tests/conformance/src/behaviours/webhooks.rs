//! Webhooks, up to their sending, which is the work of a process beside the host.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use serde_json::json;
use uuid::Uuid;
use waybill_tests::eventually;

use super::LIMIT;
use crate::{System, Verdict};

/// A name that leads nowhere (RFC 6761).
const NOWHERE: &str = "https://webhooks.example.com/waybill-conformance";

pub async fn what_happens_to_an_invoice_is_written_for_those_who_want_to_hear_of_it(
    system: &System,
) -> Result<Verdict> {
    let refused = system.invoices.post_json("/webhook-endpoints", r#"{"url":"https://10.0.0.1/"}"#).await?;
    ensure!(refused.status == 422 && refused.json()?["errors"][0]["field"] == "url", "{}", refused.text());

    let wanted = json!({ "url": NOWHERE, "eventTypes": ["invoice.issued", "invoice.paid"] }).to_string();
    let key = Uuid::now_v7().to_string();
    let keyed = [("content-type", "application/json"), ("idempotency-key", &*key)];
    let made = system.invoices.send(Method::POST, "/webhook-endpoints", &keyed, wanted.clone()).await?;
    made.expect(201)?;
    let made = made.json()?;
    let again = system.invoices.send(Method::POST, "/webhook-endpoints", &keyed, wanted).await?;
    ensure!(again.status == 201 && again.json()?["id"] == made["id"], "{} {}", again.status, again.text());
    ensure!(again.json()?["secret"].is_null(), "a secret is shown once");
    ensure!(made["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")), "no secret");
    let path = format!("/webhook-endpoints/{}", made["id"].as_str().context("an endpoint without an id")?);
    let shown = system.invoices.get(&path).await?.json()?;
    ensure!(shown["url"] == NOWHERE && shown["secret"].is_null(), "{shown}");

    let order = system.place(r#"{"amount":900}"#).await?;
    let id = order["id"].as_str().context("an order without an id")?;
    let invoice = system.awaited_invoice_of(id).await?;
    system.orders.send(Method::POST, &format!("/orders/{id}/pay"), &[], "").await?;
    system.orders.send(Method::POST, &format!("/orders/{id}/cancel"), &[], "").await?;
    let deliveries = eventually("the events of the invoice", LIMIT, async || {
        let listed = system.invoices.get(&format!("{path}/deliveries?limit=100")).await?.json()?;
        let listed = listed["deliveries"].as_array().context("no list of deliveries")?.clone();
        // There may be others: the system may be in use.
        let ours: Vec<_> =
            listed.into_iter().filter(|delivery| delivery["invoiceId"] == invoice["id"]).collect();
        Ok((ours.len() == 2).then_some(ours))
    })
    .await?;
    let mut types: Vec<&str> =
        deliveries.iter().filter_map(|delivery| delivery["eventType"].as_str()).collect();
    types.sort_unstable();
    ensure!(types == ["invoice.issued", "invoice.paid"], "{types:?}");

    let event = deliveries[0]["eventId"].as_str().context("a delivery without an event")?;
    let delivery = format!("{path}/deliveries/{event}");
    let logged = system.invoices.get(&delivery).await?.json()?;
    ensure!(logged["attemptLog"].is_array() && logged["eventId"] == event, "{logged}");
    let again = system.invoices.send(Method::POST, &format!("{delivery}/redeliver"), &[], "").await?;
    again.expect(202)?;
    let gone = system.invoices.send(Method::DELETE, &path, &[], "").await?;
    gone.expect(204)?;
    ensure!(system.invoices.get(&path).await?.status == 404, "it is gone");
    Ok(Verdict::Kept)
}
