//! Orders and invoices over RabbitMQ.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use waybill_tests::{Ledger, Load, Peer, Postgres, Process, Rabbit, Waybill, WaybillConfig, eventually};

use crate::TestEnv;

/// How long an invoice may take, and an outage to show.
pub(crate) const LIMIT: Duration = Duration::from_mins(1);

/// The token of `POST /events`.
pub(crate) const TOKEN: &str = "0123456789abcdef-for-tests";

#[tokio::test]
async fn up_delivers_through_rabbitmq_if_configured() -> Result<()> {
    let Some(url) = Rabbit::virtual_host().await else { return Ok(()) };
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().variable("BROKER_URL", &url)).await?;
    let report = Load::start(&waybill.gateway, 300, 16).finish().await?;
    Ledger::settled(&waybill).await?.ensure_invoiced_once(&report.acknowledged)?;
    let peer = Peer::connect(&url).await?;
    for queue in [
        "orders",
        "orders.retry.1s",
        "orders.retry.10s",
        "orders.retry.1m",
        "orders.retry.10m",
        "orders.dead",
    ] {
        ensure!(peer.depth(queue).await? == 0, "{queue} is not empty");
    }
    Ok(())
}

#[tokio::test]
async fn several_copies_of_each_role_share_the_work_and_end_in_the_middle_of_it() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let orders = roles.orders().await?;
    let (relays, invoices) =
        ([roles.relay().await?, roles.relay().await?], [roles.invoices().await?, roles.invoices().await?]);
    let load = Load::start(&orders.address("orders")?, 2_000, 16);
    load.acknowledged(500).await?;
    let [first_relay, _second_relay] = relays;
    let [first_invoices, _second_invoices] = invoices;
    for ended in [first_relay.stop().await?, first_invoices.stop().await?] {
        ensure!(ended.status.success() && ended.after < Duration::from_secs(10), "{ended:?}");
    }
    ensure!(load.finish().await?.acknowledged.len() == 2_000, "all were taken");
    roles.invoiced(2_000).await?;
    roles.audit_is_clean().await
}

#[tokio::test]
async fn events_are_pushed_by_http_where_no_broker_trigger_is() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let (_invoices, target) = roles.invoices_by_http().await?;
    let (orders, _relay) = (roles.orders().await?, roles.relay().await?);
    let push = roles.push(&target).await?;
    let load = Load::start(&orders.address("orders")?, 1_000, 16);
    load.acknowledged(300).await?;
    push.kill().await?;
    // Messages in flight at the kill are redelivered to the next one.
    let _push = roles.push(&target).await?;
    ensure!(load.finish().await?.acknowledged.len() == 1_000, "all were taken");
    roles.invoiced(1_000).await?;
    roles.audit_is_clean().await
}

#[tokio::test]
async fn the_relay_delivers_by_http_without_any_broker() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let (_invoices, target) = roles.invoices_by_http().await?;
    let orders = roles.orders().await?;
    let relay = |token: &str| {
        roles
            .role(&["relay", "--to", &target, "--admin-listen", "127.0.0.1:0"])
            .variable("WAYBILL_EVENTS_TOKEN", token)
    };
    let wrong = Process::start(&relay("another-token-than-theirs")).await?;
    Load::start(&orders.address("orders")?, 500, 16).finish().await?.complete(500)?;
    // A wrong token is reported, and no event is parked for it.
    let health = wrong.address("admin")?;
    eventually("the relay says why", LIMIT, async || {
        let answer = health.get("/health").await?;
        Ok((answer.status == 503 && answer.text().contains("401")).then_some(()))
    })
    .await?;
    wrong.stop().await?;
    let _relay = Process::start(&relay(TOKEN)).await?;
    roles.invoiced(500).await?;
    roles.audit_is_clean().await
}

#[tokio::test]
async fn orders_are_accepted_while_rabbitmq_is_unavailable_and_health_is_503() -> Result<()> {
    let Some(rabbit) = Rabbit::start().await else { return Ok(()) };
    let env = TestEnv::local()?;
    let config = env.config().variable("BROKER_URL", rabbit.url()).argument("--admin-listen");
    let waybill = Waybill::start(&config.argument("127.0.0.1:0")).await?;
    let admin = waybill.address("admin")?;
    let load = Load::start(&waybill.gateway, usize::MAX, 8);
    load.acknowledged(200).await?;
    waybill.orders.answers("/health", 200).await?;
    rabbit.kill().await;
    waybill.orders.answers("/health", 503).await?;
    waybill.invoices.answers("/health", 503).await?;
    admin.answers("/health", 503).await?;
    let metrics = admin.get("/metrics").await?.text();
    ensure!(metrics.contains("waybill_broker_connected 0\n"), "{metrics}");
    load.acknowledged_more(200).await?;
    load.stop();
    rabbit.start_again().await;
    waybill.orders.answers("/health", 200).await?;
    waybill.invoices.answers("/health", 200).await?;
    admin.answers("/health", 200).await?;
    let metrics = admin.get("/metrics").await?.text();
    ensure!(metrics.contains("waybill_broker_connected 1\n"), "{metrics}");
    let report = load.finish().await?;
    ensure!(report.refused.is_empty() && report.broken.is_empty(), "{report:?}");
    Ledger::settled(&waybill).await?.ensure_invoiced_once(&report.acknowledged)
}

#[tokio::test]
async fn a_plain_message_of_the_replaced_system_becomes_an_invoice() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let peer = Peer::connect(&roles.broker_url).await?;
    // The peer was there before us, and declares the queue without arguments.
    peer.declare("orders").await?;
    let order = "5f0c7a52-1f0e-4bb4-9d2f-0a3f6f1f8e11";
    let body = format!(r#"{{"orderId":"{order}","amount":5000,"customer":{{"id":"1651654165"}}}}"#);
    peer.send_to_queue("orders", body.as_bytes()).await?;
    let invoices = roles.invoices().await?;
    peer.send_to_queue("orders", body.as_bytes()).await?;
    let invoice = eventually("the invoice", LIMIT, async || {
        let path = format!("/invoices?orderId={order}");
        let found = invoices.address("invoices")?.get(&path).await?.json()?;
        Ok(found["invoices"].get(0).cloned())
    })
    .await?;
    ensure!(invoice["amount"] == 5000 && invoice["customerId"] == "1651654165", "{invoice}");
    eventually("both messages to be handled", LIMIT, async || {
        Ok((peer.depth("orders").await? == 0).then_some(()))
    })
    .await?;
    ensure!(roles.postgres.number("invoices", "SELECT count(*) FROM invoices").await? == 1, "one invoice");
    // It can be declared again: we did not change it.
    peer.declare("orders").await
}

#[tokio::test]
async fn a_plain_consumer_gets_what_the_replaced_system_would_have_sent() -> Result<()> {
    let Some(roles) = Roles::prepare().await? else { return Ok(()) };
    let peer = Peer::connect(&roles.broker_url).await?;
    peer.declare("orders").await?;
    let (orders, _relay) = (roles.orders().await?, roles.relay().await?);
    let placed = orders.address("orders")?.post_json("/orders", r#"{"amount":5000}"#).await?.json()?;
    let message = peer.receive("orders").await?;
    let body: Value = serde_json::from_slice(&message.body)?;
    ensure!(body["orderId"] == placed["id"] && body["orderId"].is_string(), "{body}");
    ensure!(body["amount"] == 5000 && body["amount"].is_u64(), "{body}");
    ensure!(body["customer"]["id"] == "1651654165", "{body}");
    let properties = &message.properties;
    ensure!(properties.delivery_mode() == &Some(2), "{properties:?}");
    ensure!(
        properties.kind().as_ref().is_some_and(|kind| kind.as_str() == "order.created"),
        "{properties:?}"
    );
    ensure!(properties.app_id().as_ref().is_some_and(|id| id.as_str() == "waybill"), "{properties:?}");
    ensure!(properties.message_id().is_some() && properties.timestamp().is_some(), "{properties:?}");
    Ok(())
}

/// Roles in processes of their own, on a server and a virtual host of a test's own.
pub(crate) struct Roles {
    env: TestEnv,
    pub(crate) postgres: Postgres,
    pub(crate) broker_url: String,
}

impl Roles {
    pub(crate) async fn prepare() -> Result<Option<Self>> {
        let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(None) };
        Self::prepare_with(broker_url).await
    }

    pub(crate) async fn prepare_with(broker_url: String) -> Result<Option<Self>> {
        let postgres = Postgres::start_migrated().await?;
        Ok(Some(Self { env: TestEnv::local()?, postgres, broker_url }))
    }

    pub(crate) fn role(&self, words: &[&str]) -> WaybillConfig {
        WaybillConfig::command(words.iter().copied(), self.env.folder.path())
            .databases(&self.postgres)
            .variable("BROKER_URL", &self.broker_url)
    }

    pub(crate) async fn orders(&self) -> Result<Process> {
        Process::start(&self.role(&["serve", "orders", "--orders-listen", "127.0.0.1:0"])).await
    }

    pub(crate) async fn relay(&self) -> Result<Process> {
        Process::start(&self.role(&["relay"])).await
    }

    pub(crate) async fn invoices(&self) -> Result<Process> {
        Process::start(&self.role(&["serve", "invoices", "--invoices-listen", "127.0.0.1:0"])).await
    }

    /// With an admin listener.
    pub(crate) async fn observed_relay(&self) -> Result<Process> {
        Process::start(&self.role(&["relay", "--admin-listen", "127.0.0.1:0"])).await
    }

    pub(crate) async fn push(&self, target: &str) -> Result<Process> {
        let config = self.role(&["push", "--to", target]).variable("WAYBILL_EVENTS_TOKEN", TOKEN);
        Process::start(&config).await
    }

    /// Without a broker: events come by `POST /events` only, whose address is returned too.
    pub(crate) async fn invoices_by_http(&self) -> Result<(Process, String)> {
        let words = ["serve", "invoices", "--invoices-listen", "127.0.0.1:0"];
        let config = WaybillConfig::command(words, self.env.folder.path()).databases(&self.postgres);
        let process = Process::start(&config.variable("WAYBILL_EVENTS_TOKEN", TOKEN)).await?;
        let target = format!("http://{}/events", process.address("invoices")?.authority());
        Ok((process, target))
    }

    pub(crate) async fn invoiced(&self, orders: i64) -> Result<()> {
        eventually(&format!("{orders} invoices"), LIMIT * 3, async || {
            let invoices = self.postgres.number("invoices", "SELECT count(*) FROM invoices").await?;
            ensure!(invoices >= orders, "{invoices} invoices");
            Ok(Some(()))
        })
        .await
    }

    pub(crate) async fn audit_is_clean(&self) -> Result<()> {
        let audited = Process::run(&self.role(&["audit", "--grace-s", "0"])).await?;
        ensure!(audited.status.success(), "{}\n{}", audited.stdout, audited.stderr);
        let dead = Peer::connect(&self.broker_url).await?.depth("orders.dead").await;
        ensure!(dead.as_ref().is_ok_and(|dead| *dead == 0) || dead.is_err(), "dead letters: {dead:?}");
        audited.stdout.contains("clean").then_some(()).context("it does not say so")
    }
}
