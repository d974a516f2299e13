//! What could not be handled, on the console.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use waybill_tests::{Ledger, Peer, Rabbit, Waybill, ensure_contains, eventually};

use crate::TestEnv;
use crate::console::{between, post};

const LIMIT: Duration = Duration::from_secs(30);
const ORDER: &str = "5f0c7a52-1f0e-4bb4-9d2f-0a3f6f1f8e12";

#[tokio::test]
async fn dead_letters_are_grouped_rehearsed_edited_and_replayed() -> Result<()> {
    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().variable("BROKER_URL", &url)).await?;
    let gateway = &waybill.gateway;
    waybill.invoices.answers("/health", 200).await?;
    let body = format!(r#"{{"orderId":"{ORDER}","amount":"<5000>","customer":{{"id":"1651654165"}}}}"#);
    let peer = Peer::connect(&url).await?;
    peer.send_to_queue("orders", body.as_bytes()).await?;
    let page = eventually("the dead letter", LIMIT, async || {
        let page = gateway.get("/console/dead-letters").await?.text();
        Ok(page.contains("dead-letters/letter?id=").then_some(page))
    })
    .await?;
    ensure!(page.contains("rejected <span class=\"count\">1</span>"), "{page}");
    let rehearsed = gateway.get("/console/dead-letters?dry-run=rejected").await?.text();
    ensure!(rehearsed.contains("would be returned") && rehearsed.contains("Replay 1"), "{rehearsed}");

    // As it is it fails again, and is there again.
    let replayed = post(gateway, "/console/dead-letters/replay", "cause=rejected", None).await?;
    replayed.expect(303)?;
    let result = gateway.get(replayed.header("location").context("no location")?).await?.text();
    ensure!(result.contains("1 of 1 were returned"), "{result}");
    let page = eventually("the dead letter again", LIMIT, async || {
        let page = gateway.get("/console/dead-letters").await?.text();
        Ok(page.contains("dead-letters/letter?id=").then_some(page))
    })
    .await?;
    let id = between(&page, "dead-letters/letter?id=", "\"")?;
    let letter = gateway.get(&format!("/console/dead-letters/letter?id={id}")).await?.text();
    ensure!(
        letter.contains("&#60;5000&#62;") && !letter.contains("<5000>"),
        "what others wrote is text: {letter}"
    );

    let wrong = post(gateway, "/console/dead-letters/edit", &format!("id={id}&body=nothing"), None).await?;
    ensure!(
        wrong.text().contains("not JSON") && wrong.text().contains("nothing was changed"),
        "{}",
        wrong.text()
    );
    let right = format!(r#"{{"orderId":"{ORDER}","amount":5000,"customer":{{"id":"1651654165"}}}}"#);
    let edited = post(gateway, "/console/dead-letters/edit", &format!("id={id}&body={right}"), None).await?;
    edited.expect(303)?;
    waybill.invoices.invoice_of(ORDER).await?;
    gateway.get(&format!("/console/dead-letters/letter?id={id}")).await?.expect(404)
}

#[tokio::test]
async fn dead_letters_are_shown_in_pages_of_their_cause() -> Result<()> {
    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().variable("BROKER_URL", &url)).await?;
    let gateway = &waybill.gateway;
    waybill.invoices.answers("/health", 200).await?;
    let peer = Peer::connect(&url).await?;
    for _ in 0..60 {
        peer.send_to_queue("orders", b"{}").await?;
    }
    let page = eventually("all dead letters", LIMIT, async || {
        let page = gateway.get("/console/dead-letters").await?.text();
        Ok(page.contains("rejected <span class=\"count\">60</span>").then_some(page))
    })
    .await?;
    ensure!(page.matches("dead-letters/letter?id=").count() == 50 && page.contains("1 to 50"), "{page}");
    let further = between(&page, "<a href=\"/console/dead-letters?cause=", "\"")?.replace("&#38;", "&");
    let page = gateway.get(&format!("/console/dead-letters?cause={further}")).await?.text();
    ensure!(page.matches("dead-letters/letter?id=").count() == 10 && page.contains("51 to 60"), "{page}");
    let beyond = gateway.get("/console/dead-letters?cause=rejected&from=18446744073709551615").await?;
    beyond.expect(200)?;
    ensure!(!beyond.text().contains("dead-letters/letter?id="), "{}", beyond.text());
    Ok(())
}

#[tokio::test]
async fn parked_events_are_retried() -> Result<()> {
    let env = TestEnv::servers().await?;
    let postgres = env.postgres()?;
    let waybill = env.up().await?;
    let orders = postgres.client("orders").await?;
    // As if an event had failed ten times, for a reason that is mended since.
    let give_up = format!(
        "INSERT INTO orders (id, customer_id, amount) VALUES ('{ORDER}', '1651654165', 700); \
         INSERT INTO outbox (id, event_type, order_id, payload, attempts, last_error, set_aside_at) \
         VALUES (gen_random_uuid(), 'order.created', '{ORDER}', \
                 '{{\"orderId\":\"{ORDER}\",\"amount\":700,\"customer\":{{\"id\":\"1651654165\"}}}}', \
                 10, 'no & good', now())"
    );
    orders.batch_execute(&give_up).await?;
    let page = waybill.gateway.get("/console/dead-letters").await?.text();
    ensure!(page.contains("no &#38; good <span class=\"count\">1</span>") && page.contains(ORDER), "{page}");
    let other = post(&waybill.gateway, "/console/parked-events/retry", "reason=another", None).await?;
    ensure!(other.header("location").is_some_and(|it| it.contains("done=0+events")), "{other:?}");
    let again = post(&waybill.gateway, "/console/parked-events/retry", "reason=no+%26+good", None).await?;
    ensure!(again.header("location").is_some_and(|it| it.contains("done=1+event+is")), "{again:?}");
    Ledger::settled(&waybill).await?;
    let page = waybill.gateway.get("/console/dead-letters").await?.text();
    ensure!(!page.contains(ORDER), "{page}");
    Ok(())
}

#[tokio::test]
async fn an_order_whose_event_is_rejected_leads_to_where_it_is_retried() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let order = r#"{"amount": 5000, "sellerId": "paper"}"#.to_owned();
    let placed = waybill.gateway.post_json("/orders", order).await?;
    placed.expect(201)?;
    let page = format!("/console/orders/{}", placed.json()?["id"].as_str().context("no id")?);
    let shown = eventually("the rejection", LIMIT, async || {
        let shown = waybill.gateway.get(&page).await?.text();
        Ok(shown.contains("sellerId names").then_some(shown))
    })
    .await?;
    ensure_contains(
        &shown,
        ["failed, waits for an operator", r#"retry on <a href="/console/dead-letters">"#],
    )?;
    ensure!(!shown.contains("will be retried"), "no attempt follows by itself: {shown}");
    ensure!(shown.matches("<li class=\"done\">").count() == 2, "the event is still in the outbox: {shown}");
    let overview = waybill.gateway.get("/console").await?.text();
    ensure!(overview.contains(">failed</span>") && !overview.contains(">failing</span>"), "{overview}");

    eventually("the parked event", LIMIT, async || {
        let parked = waybill.gateway.get("/console/dead-letters").await?.text();
        Ok(parked.contains("after 1 attempt, since").then_some(()))
    })
    .await?;
    let reason = "reason=rejected: sellerId names \"paper\", who is not set: set it by PUT /sellers/paper";
    let again = post(&waybill.gateway, "/console/parked-events/retry", reason, None).await?;
    ensure!(again.header("location").is_some_and(|it| it.contains("done=1+event+is+retried.")), "{again:?}");
    eventually("the log", LIMIT, async || Ok(waybill.log().contains("an event is parked").then_some(())))
        .await?;
    ensure!(!waybill.log().contains("are retried later"), "{}", waybill.log());
    Ok(())
}
