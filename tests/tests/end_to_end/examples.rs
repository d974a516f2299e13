//! What `examples/` shows, as its README says to run it.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hyper::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use waybill_tests::{Http, Postgres, Waybill, component_path, eventually};

use crate::TestEnv;

#[tokio::test]
async fn a_component_of_ones_own_keeps_notes_on_the_sql_capability() -> Result<()> {
    let env = TestEnv::local()?;
    let component = format!("orders={}", component_path("notes").display());
    let config = env.config().argument("--component").argument(component);
    let waybill = Waybill::start(&config).await?;
    for (note, id) in [("buy ink", "1"), ("it's; DROP TABLE notes", "2")] {
        let added = waybill.orders.send(Method::POST, "/notes", &[], note).await?;
        ensure!(added.status == 201 && added.text() == id, "{} {}", added.status, added.text());
    }
    waybill.stop().await?;

    let waybill = Waybill::start(&config).await?;
    let notes = waybill.orders.get("/notes").await?;
    ensure!(notes.status == 200 && notes.text() == "it's; DROP TABLE notes\nbuy ink", "{}", notes.text());
    for (note, status) in [("", 400), (" ", 400)] {
        ensure!(waybill.orders.send(Method::POST, "/notes", &[], note).await?.status == status, "{note:?}");
    }
    ensure!(waybill.orders.get("/orders").await?.status == 404, "another component serves /orders");
    Ok(())
}

/// How long a webhook may take; one that fails waits for 5 s.
const LIMIT: Duration = Duration::from_secs(40);

#[tokio::test]
async fn a_service_of_ones_own_follows_an_order_by_webhooks() -> Result<()> {
    let (env, postgres) = (TestEnv::local()?, Postgres::start().await?);
    let waybill = Waybill::start(&env.config().argument("--webhooks-allow-private")).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let subscriber = Http::new(format!("http://{address}"));
    let body = json!({ "url": format!("http://{address}/hooks") }).to_string();
    let endpoint = waybill.gateway.create("/webhook-endpoints", body).await?;
    let secret = endpoint["secret"].as_str().context("no secret")?.to_owned();
    let (stop, stopped) = oneshot::channel::<()>();
    let database_url = postgres.url("postgres");
    let serving = tokio::spawn(async move {
        let stopped = async { drop(stopped.await) };
        waybill_example_subscriber::serve(listener, &database_url, &secret, stopped).await
    });

    let order = waybill.gateway.create("/orders", r#"{"amount":5000}"#).await?;
    shipment(&subscriber, &order, "wait", 1).await?;
    let path = format!("/orders/{}", order["id"].as_str().context("no id")?);
    waybill.gateway.post_json(&format!("{path}/pay"), "").await?.expect(200)?;
    shipment(&subscriber, &order, "ship", 2).await?;

    // Each event comes a second time, and changes nothing.
    let deliveries = format!("/webhook-endpoints/{}/deliveries", endpoint["id"].as_str().context("no id")?);
    let listed = waybill.gateway.get(&deliveries).await?.json()?;
    for delivery in listed["deliveries"].as_array().context("no deliveries")? {
        let delivery = format!("{deliveries}/{}", delivery["eventId"].as_str().context("no id")?);
        waybill.gateway.post_json(&format!("{delivery}/redeliver"), "").await?.expect(202)?;
        eventually("the second delivery", LIMIT, async || {
            let found = waybill.gateway.get(&delivery).await?.json()?;
            let statuses = found["attemptLog"].as_array().into_iter().flatten().map(|one| &one["statusCode"]);
            Ok((statuses.eq([204, 204].iter()) && found["status"] == "delivered").then_some(()))
        })
        .await?;
    }
    shipment(&subscriber, &order, "ship", 2).await?;
    waybill.gateway.post_json(&format!("{path}/cancel"), "").await?.expect(200)?;
    shipment(&subscriber, &order, "stop", 3).await?;

    // Anybody may post to it, but only Waybill signs.
    subscriber.post_json("/hooks", r#"{"type":"invoice.paid"}"#).await?.expect(400)?;
    drop(stop);
    serving.await?
}

/// Waits until the example has decided so about an order, by so many events.
async fn shipment(subscriber: &Http, order: &Value, next: &str, events: i32) -> Result<()> {
    let expected = json!([{ "orderId": order["id"], "next": next, "events": events }]);
    eventually("the shipment", LIMIT, async || {
        let found = subscriber.get("/shipments").await?.json()?;
        ensure!(found == expected, "{found} is not {expected}");
        Ok(Some(()))
    })
    .await
}
