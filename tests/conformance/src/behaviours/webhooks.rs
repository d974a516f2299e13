//! Webhooks, up to their sending, which is the work of a process beside the host.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use serde_json::json;
use uuid::Uuid;
use waybill_tests::{Answer, eventually};

use crate::system::LIMIT;
use crate::{System, Verdict};

/// A name that leads nowhere (RFC 6761).
const NOWHERE: &str = "https://webhooks.example.com/waybill-conformance";

/// One that only a system with `waybill.webhooks_allow_private` takes.
const PRIVATE: &str = r#"{"url":"https://10.0.0.1/waybill-conformance"}"#;

pub async fn invoice_events_are_written_for_registered_endpoints(system: &System) -> Result<Verdict> {
    // Both settings are documented, so both answers are right.
    let private = system.invoices.post_json("/webhook-endpoints", PRIVATE).await?;
    if private.status == 201 {
        delete(system, &path_of(&private)?).await?;
    } else {
        private.expect_problem(422)?;
        ensure!(private.json()?["errors"][0]["field"] == "url", "{}", private.text());
    }

    let wanted = json!({ "url": NOWHERE, "eventTypes": ["invoice.issued", "invoice.paid"] }).to_string();
    let key = Uuid::now_v7().to_string();
    let keyed = [("content-type", "application/json"), ("idempotency-key", &*key)];
    let made = system.invoices.send(Method::POST, "/webhook-endpoints", &keyed, wanted.clone()).await?;
    // An answer with a secret is not printed.
    ensure!(made.status == 201, "an endpoint is made with {}", made.status);
    let path = path_of(&made)?;
    let checked = async {
        let again = system.invoices.send(Method::POST, "/webhook-endpoints", &keyed, wanted).await?;
        ensure!(again.status == 201 && path_of(&again)? == path, "the same request again: {}", again.status);
        ensure!(again.json()?["secret"].is_null(), "a secret is shown once");
        let made = made.json()?;
        ensure!(made["secret"].as_str().is_some_and(|secret| secret.starts_with("whsec_")), "no secret");
        let shown = system.invoices.get(&path).await?.json()?;
        ensure!(shown["url"] == NOWHERE, "another URL: {}", shown["url"]);
        ensure!(shown["secret"].is_null(), "a secret is shown once");
        events_are_written(system, &path).await
    };
    let checked = checked.await;
    // Also after a failure: the system may be in use, and would deliver to it from now on.
    delete(system, &path).await?;
    checked
}

/// The path of an endpoint that was made.
fn path_of(made: &Answer) -> Result<String> {
    let made = made.json()?;
    Ok(format!("/webhook-endpoints/{}", made["id"].as_str().context("an endpoint without an id")?))
}

async fn delete(system: &System, path: &str) -> Result<()> {
    system.invoices.send(Method::DELETE, path, &[], "").await?.expect(204)?;
    ensure!(system.invoices.get(path).await?.status == 404, "it is gone");
    Ok(())
}

async fn events_are_written(system: &System, path: &str) -> Result<Verdict> {
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
    Ok(Verdict::Kept)
}
