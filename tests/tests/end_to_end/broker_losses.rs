//! What RabbitMQ could lose behind our back, seen from outside: policies, crashes, outages.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use waybill_tests::{Http, Load, Peer, Process, Rabbit, eventually};

use crate::metrics::scrape;
use crate::rabbitmq::{LIMIT, Roles, TOKEN};

/// Events that wait for RabbitMQ to come back.
const WAITING: usize = 500;

/// How long they may take from its return.
const RECOVERY_LIMIT: Duration = Duration::from_secs(15);

/// Longer than the first delays of what waits for RabbitMQ.
const OUTAGE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_policy_that_loses_messages_is_named_by_readyz_and_all_is_invoiced_after_its_repair() -> Result<()>
{
    let Some(rabbit) = Rabbit::start_with_management().await else { return Ok(()) };
    let Some(roles) = Roles::prepare_with(rabbit.url()).await? else { return Ok(()) };
    let orders = roles.orders().await?;
    let relay = roles
        .role(&["relay", "--admin-listen", "127.0.0.1:0"])
        .variable("BROKER_MANAGEMENT_URL", rabbit.management_url());
    let relay = Process::start(&relay).await?;
    let (admin, orders) = (relay.address("admin")?, orders.address("orders")?);
    admin.answers("/readyz", 200).await?;
    let mut placed = 0;
    for (words, pattern, definition, to) in [
        ("`message-ttl`", "^orders$", r#"{"message-ttl":60000}"#, "queues"),
        ("`expires`", "^orders", r#"{"expires":600000}"#, "queues"),
        ("alternate exchange", "^waybill$", r#"{"alternate-exchange":"amq.fanout"}"#, "exchanges"),
    ] {
        rabbit.ctl(&["set_policy", "test", pattern, definition, "--apply-to", to]).await;
        // At once, before the policy can be seen everywhere.
        placed += Load::start(&orders, 10, 1).finish().await?.acknowledged.len();
        admin.is_not_ready(&[words]).await?;
        metric_is(&admin, "waybill_broker_lossy", 1.0).await?;
        placed += Load::start(&orders, 10, 4).finish().await?.acknowledged.len();
        let waiting = roles.postgres.number("orders", "SELECT count(*) FROM outbox").await?;
        ensure!(waiting >= 10, "events wait: {waiting}");
        rabbit.ctl(&["clear_policy", "test"]).await;
        admin.answers("/readyz", 200).await?;
        metric_is(&admin, "waybill_broker_lossy", 0.0).await?;
    }
    ensure!(placed == 60, "{placed}");
    let _invoices = roles.invoices().await?;
    roles.invoiced(60).await?;
    roles.audit_is_clean().await
}

#[tokio::test]
async fn a_stream_of_a_peer_is_named_by_readyz_without_the_management_api() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    Peer::connect(&roles.broker_url).await?.declare_stream("orders").await?;
    let (orders, relay) = (roles.orders().await?, roles.observed_relay().await?);
    let admin = relay.address("admin")?;
    let placed = Load::start(&orders.address("orders")?, 30, 4).finish().await?.acknowledged.len();
    admin.is_not_ready(&["is a stream"]).await?;
    ensure!(relay.log().contains("BROKER_MANAGEMENT_URL is not set"), "{}", relay.log());
    Peer::connect(&roles.broker_url).await?.delete_queue("orders").await?;
    admin.answers("/readyz", 200).await?;
    let _invoices = roles.invoices().await?;
    roles.invoiced(i64::try_from(placed)?).await?;
    roles.audit_is_clean().await
}

#[tokio::test]
async fn a_consumer_that_can_handle_nothing_is_seen_in_its_metrics() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let (orders, _relay) = (roles.orders().await?, roles.relay().await?);
    // Nobody answers there.
    let words = ["push", "--to", "http://127.0.0.1:9/events", "--admin-listen", "127.0.0.1:0"];
    let push = roles.role(&words).variable("WAYBILL_EVENTS_TOKEN", TOKEN);
    let push = Process::start(&push).await?;
    let admin = push.address("admin")?;
    metric_is(&admin, "waybill_consumer_stopped", 0.0).await?;
    Load::start(&orders.address("orders")?, 1, 1).finish().await?.complete(1)?;
    admin.is_not_ready(&["no message has been taken"]).await?;
    metric_is(&admin, "waybill_consumer_stopped", 1.0).await
}

#[tokio::test]
async fn a_consumer_that_is_killed_again_and_again_in_an_outage_makes_no_dead_letter() -> Result<()> {
    const ORDERS: i64 = 200;
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let (orders, _relay) = (roles.orders().await?, roles.relay().await?);
    Load::start(&orders.address("orders")?, 200, 8).finish().await?.complete(200)?;
    let peer = Peer::connect(&roles.broker_url).await?;
    let ready =
        async || Ok::<_, anyhow::Error>(peer.depth("orders").await? + peer.depth("orders.isolated").await?);
    eventually("all events in the queue", LIMIT, async || Ok((ready().await? == 200).then_some(()))).await?;
    for _ in 0..17 {
        // Nobody answers there.
        let push = roles.push("http://127.0.0.1:9/events").await?;
        // From here on some are in flight, and RabbitMQ has sent others ahead.
        eventually("an attempt", LIMIT, async || {
            Ok(push.log().contains("no message can be handled").then_some(()))
        })
        .await?;
        push.kill().await?;
        eventually("messages back", LIMIT, async || Ok((ready().await? >= 200).then_some(()))).await?;
    }
    let (_invoices, target) = roles.invoices_by_http().await?;
    let _push = roles.push(&target).await?;
    roles.invoiced(ORDERS).await?;
    eventually("empty queues", LIMIT, async || Ok((ready().await? == 0).then_some(()))).await?;
    roles.audit_is_clean().await
}

#[tokio::test]
async fn events_that_waited_for_rabbitmq_are_delivered_soon_after_its_return() -> Result<()> {
    let Some(rabbit) = Rabbit::start().await else { return Ok(()) };
    let Some(roles) = Roles::prepare_with(rabbit.url()).await? else { return Ok(()) };
    let (orders, relay, invoices) =
        (roles.orders().await?, roles.observed_relay().await?, roles.invoices().await?);
    let admin = relay.address("admin")?;
    admin.answers("/readyz", 200).await?;
    rabbit.kill().await;
    let down = Instant::now();
    Load::start(&orders.address("orders")?, WAITING, 8).finish().await?.complete(WAITING)?;
    admin.answers("/readyz", 503).await?;
    // The outage itself: delays grow meanwhile.
    tokio::time::sleep(OUTAGE.saturating_sub(down.elapsed())).await;
    rabbit.start_again().await;
    let back = Instant::now();
    roles.invoiced(i64::try_from(WAITING)?).await?;
    ensure!(back.elapsed() <= RECOVERY_LIMIT, "{:?}", back.elapsed());
    drop((relay, invoices));
    Ok(())
}

#[tokio::test]
async fn a_start_and_a_stop_over_rabbitmq_log_no_error() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let target = "http://127.0.0.1:9/events";
    for words in [
        &["serve", "invoices", "--invoices-listen", "127.0.0.1:0"][..],
        &["relay", "--admin-listen", "127.0.0.1:0"],
        &["push", "--to", target, "--admin-listen", "127.0.0.1:0"],
    ] {
        let config = roles.role(words).variable("RUST_LOG", "info").variable("WAYBILL_EVENTS_TOKEN", TOKEN);
        let process = Process::start(&config).await?;
        eventually("a connection", LIMIT, async || {
            Ok(process.log().contains("connected to RabbitMQ").then_some(()))
        })
        .await?;
        let ended = process.stop().await?;
        let is_loud = |line: &&str| line.contains("ERROR") || line.contains("WARN");
        let loud: Vec<&str> = ended.stderr.lines().filter(is_loud).collect();
        ensure!(ended.status.success() && loud.is_empty(), "{words:?}: {loud:#?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_password_that_is_not_encoded_ends_the_start_and_is_not_shown() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    for (password, code) in [
        ("12/s3cret", "%2F"),
        ("12#s3cret", "%23"),
        ("12?s3cret", "%3F"),
        ("12@s3cret", "%40"),
        ("s3%cret", "%25"),
    ] {
        for (setting, url) in [
            ("BROKER_URL", format!("amqp://u:{password}@broker.example")),
            ("BROKER_MANAGEMENT_URL", format!("http://u:{password}@broker.example")),
        ] {
            let ended = Process::run(&roles.role(&["relay"]).variable(setting, url)).await?;
            let said = format!("{}{}", ended.stdout, ended.stderr);
            ensure!(!ended.status.success(), "{setting} {password}: it started");
            ensure!(
                said.contains(setting) && said.contains(code) && said.contains("percent-encoded"),
                "{said}"
            );
            ensure!(!said.contains("cret") && !said.contains("12"), "{said}");
        }
    }
    Ok(())
}

async fn metric_is(admin: &Http, name: &str, value: f64) -> Result<()> {
    let metrics = scrape(admin).await?;
    ensure!(metrics.get(name).copied() == Some(value), "{name}: {:?}", metrics.get(name));
    Ok(())
}
