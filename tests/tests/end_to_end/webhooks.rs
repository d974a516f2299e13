//! Webhooks from the real binary: in `waybill up`, and from a process of their own that is killed.

use std::time::Duration;

use anyhow::{Result, ensure};
use hyper::StatusCode;
use serde_json::{Value, json};
use waybill_tests::{Hooks, Postgres, Process, Waybill, WaybillConfig, eventually};

use crate::rabbitmq::TOKEN;
use crate::{TestEnv, on_both_databases};

on_both_databases!(registered_endpoints_receive_invoice_events);

/// How long an event may take to its receiver; one that fails waits for 5 s.
const LIMIT: Duration = Duration::from_secs(40);

async fn registered_endpoints_receive_invoice_events(env: &TestEnv) -> Result<()> {
    let hooks = Hooks::start().await?;
    let waybill = Waybill::start(&env.config().argument("--webhooks-allow-private")).await?;
    let endpoint = endpoint(&waybill, &hooks).await?;
    // The first attempt fails, and is made again.
    hooks.answer_next(StatusCode::SERVICE_UNAVAILABLE, None);
    let order = waybill.gateway.post_json("/orders", r#"{"amount":5000}"#).await?.json()?;
    let path = format!("/orders/{}", order["id"].as_str().unwrap_or_default());
    received(&hooks, 2).await?;
    waybill.gateway.post_json(&format!("{path}/pay"), "{}").await?;
    let received = received(&hooks, 3).await?;
    let types: Vec<&str> = received.iter().map(|event| event["type"].as_str().unwrap_or_default()).collect();
    ensure!(types == ["invoice.issued", "invoice.issued", "invoice.paid"], "{types:?}");
    ensure!(received[0] == received[1] && received[1]["data"]["orderId"] == order["id"], "{received:?}");

    let log = format!(
        "/webhook-endpoints/{}/deliveries?status=delivered",
        endpoint["id"].as_str().unwrap_or_default()
    );
    eventually("the log to say so", LIMIT, async || {
        let listed = waybill.gateway.get(&log).await?.json()?;
        Ok((listed["deliveries"].as_array().map(Vec::len) == Some(2)).then_some(()))
    })
    .await?;
    ensure!(waybill.stop().await?.status.success(), "it ends in order");

    // Without the setting nothing is sent to such an address, also if it was allowed before.
    let waybill = env.up().await?;
    let to_hooks = json!({ "url": hooks.url("/") }).to_string();
    waybill.gateway.post_json("/webhook-endpoints", to_hooks).await?.expect(422)?;
    waybill.gateway.post_json(&format!("{path}/cancel"), "{}").await?;
    let pending = log.replace("delivered", "pending");
    eventually("the attempt to be refused", LIMIT, async || {
        let listed = waybill.gateway.get(&pending).await?.json()?;
        Ok((listed["deliveries"][0]["attempts"] == 1).then_some(()))
    })
    .await?;
    ensure!(hooks.received().len() == 3, "nothing more is sent");
    Ok(())
}

#[tokio::test]
async fn webhooks_are_delivered_by_a_process_of_their_own_and_after_its_end_by_another() -> Result<()> {
    let postgres = Postgres::start_migrated().await?;
    let folder = tempfile::tempdir()?;
    let hooks = Hooks::start().await?;
    let command = |words: &[&str]| {
        let config = WaybillConfig::command(words.iter().copied(), folder.path()).databases(&postgres);
        config.variable("WAYBILL_WEBHOOKS_ALLOW_PRIVATE", "true")
    };
    let serving = command(&["serve", "invoices", "--invoices-listen", "127.0.0.1:0"])
        .variable("WAYBILL_EVENTS_TOKEN", TOKEN);
    let invoices = Process::start(&serving).await?;
    let service = invoices.address("invoices")?;
    let body = json!({ "url": hooks.url("/hooks") }).to_string();
    service.create("/webhook-endpoints", body).await?;

    let relay = Process::start(&command(&["webhooks"])).await?;
    let events = 20;
    for number in 0..events {
        let order = uuid::Uuid::now_v7();
        let event = json!({ "orderId": order, "amount": 100 + number, "customer": { "id": "1651654165" } });
        let taken = service.post_event(TOKEN, &order.to_string(), event.to_string()).await?;
        taken.expect(204)?;
    }
    received(&hooks, 1).await?;
    relay.kill().await?;
    // Deliveries in flight at the kill are retried when their lease ends; the test ends the leases.
    postgres
        .client("invoices")
        .await?
        .batch_execute("UPDATE webhook_deliveries SET leased_until = NULL")
        .await?;
    let relay = Process::start(&command(&["webhooks"])).await?;
    let delivered = "SELECT count(*) FROM webhook_deliveries WHERE status = 'delivered'";
    eventually("every event to be delivered", LIMIT, async || {
        Ok((postgres.number("invoices", delivered).await? == events).then_some(()))
    })
    .await?;
    let ended = relay.stop().await?;
    ensure!(ended.status.success(), "it ends in order: {}", ended.stderr);
    let mut ids: Vec<String> =
        hooks.received().iter().map(|hook| hook.header("webhook-id").to_owned()).collect();
    ids.sort();
    ids.dedup();
    ensure!(i64::try_from(ids.len())? == events, "{} events", ids.len());
    Ok(())
}

async fn endpoint(waybill: &Waybill, hooks: &Hooks) -> Result<Value> {
    let body = json!({ "url": hooks.url("/hooks"), "description": "A test" }).to_string();
    waybill.gateway.create("/webhook-endpoints", body).await
}

/// Waits until the receiver has this many events, and returns them.
async fn received(hooks: &Hooks, count: usize) -> Result<Vec<Value>> {
    eventually("events at the receiver", LIMIT, async || {
        let received = hooks.received();
        if received.len() < count {
            return Ok(None);
        }
        received.iter().map(waybill_tests::Hook::json).collect::<Result<Vec<_>>>().map(Some)
    })
    .await
}
