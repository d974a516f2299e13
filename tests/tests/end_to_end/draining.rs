//! Every role drains with work in flight: `/readyz` says so from the signal to the end.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::time::{Instant, timeout};
use uuid::Uuid;
use waybill_tests::{Hooks, Peer, Postgres, Process, Rabbit, Signal, WaybillConfig, eventually};

use crate::TestEnv;
use crate::rabbitmq::{LIMIT, TOKEN};
use crate::relay_leadership::INSERT;
use crate::shutdown::begin;

/// How long a role may take to drain.
const DRAIN_LIMIT: Duration = Duration::from_secs(12);

/// How long a role may take to end after it answers nothing any more.
const SILENCE_LIMIT: Duration = Duration::from_secs(3);

/// Servers, and a receiver that takes what it is sent and does not answer.
struct Servers {
    env: TestEnv,
    postgres: Postgres,
    broker_url: String,
    receiver: Hooks,
}

impl Servers {
    fn role(&self, words: &[&str]) -> WaybillConfig {
        WaybillConfig::command(words.iter().copied(), self.env.folder.path())
            .databases(&self.postgres)
            .variable("WAYBILL_EVENTS_TOKEN", TOKEN)
            .variable("WAYBILL_WEBHOOKS_ALLOW_PRIVATE", "true")
            .admin()
    }

    /// Starts a role that sends to the receiver, and waits until it does.
    async fn sending(
        &self,
        words: &[&str],
        config: impl FnOnce(WaybillConfig) -> WaybillConfig,
    ) -> Result<Process> {
        let before = self.receiver.received().len();
        let process = Process::start(&config(self.role(words))).await?;
        eventually("something that is sent", LIMIT, async || {
            Ok((self.receiver.received().len() > before).then_some(()))
        })
        .await?;
        Ok(process)
    }

    /// An invoices service whose event is to be delivered to the receiver by a webhook.
    async fn with_webhook(&self) -> Result<Process> {
        let invoices = self.role(&["serve", "invoices", "--invoices-listen", "127.0.0.1:0"]);
        let invoices = Process::start(&invoices).await?;
        let service = invoices.address("invoices")?;
        let body = format!(r#"{{"url":"{}"}}"#, self.receiver.url("/hooks"));
        service.post_json("/webhook-endpoints", body).await?.expect(201)?;
        let order = Uuid::now_v7().to_string();
        let event = format!(r#"{{"orderId":"{order}","amount":5000,"customer":{{"id":"1651654165"}}}}"#);
        service.post_event(TOKEN, &order, event).await?.expect(204)?;
        Ok(invoices)
    }
}

#[tokio::test]
async fn every_role_with_work_in_flight_says_that_it_drains_until_its_end() -> Result<()> {
    let Some(broker_url) = Rabbit::virtual_host().await else { return Ok(()) };
    let (postgres, receiver) = (Postgres::start_migrated().await?, Hooks::start().await?);
    let servers = Servers { env: TestEnv::local()?, postgres, broker_url, receiver };
    servers.receiver.hang();
    let target = servers.receiver.url("/events");

    let orders =
        Process::start(&servers.role(&["serve", "orders", "--orders-listen", "127.0.0.1:0"])).await?;
    let _unfinished = begin(&orders.address("orders")?, "/orders").await?;
    drains(orders).await.context("serve orders")?;

    let invoices = servers.with_webhook().await?;
    let _unfinished = begin(&invoices.address("invoices")?, "/webhook-endpoints").await?;
    drains(invoices).await.context("serve invoices")?;

    drains(servers.sending(&["webhooks"], |it| it).await?).await.context("webhooks")?;

    let event = Uuid::now_v7();
    servers.postgres.client("orders").await?.execute(INSERT, &[&event]).await?;
    drains(servers.sending(&["relay", "--to", &target], |it| it).await?).await.context("relay")?;

    let peer = Peer::connect(&servers.broker_url).await?;
    peer.declare("orders").await?;
    let order = format!(r#"{{"orderId":"{event}","amount":5000,"customer":{{"id":"1651654165"}}}}"#);
    peer.send_to_queue("orders", order.as_bytes()).await?;
    let words = ["push", "--to", &target];
    let push = servers.sending(&words, |it| it.variable("BROKER_URL", &servers.broker_url)).await?;
    drains(push).await.context("push")?;

    let audit = Process::start(&servers.role(&["audit", "--every-s", "1"])).await?;
    let admin = audit.address("admin")?;
    admin.answers("/readyz", 200).await?;
    // An audit, or the probe of a database, waits for its answer then.
    let _frozen = servers.postgres.freeze()?;
    admin.answers("/readyz", 503).await?;
    drains(audit).await.context("audit")
}

/// Asks it to end: once it says that it drains, it says nothing else until its end.
async fn drains(process: Process) -> Result<()> {
    let admin = process.address("admin")?;
    process.signal(Signal::Term)?;
    let asked = Instant::now();
    let (mut answers, mut last) = (0, asked);
    loop {
        ensure!(asked.elapsed() < DRAIN_LIMIT, "it still drains after {:?}", asked.elapsed());
        // The address is closed at the very end.
        let Ok(answer) = admin.get("/readyz").await else { break };
        last = Instant::now();
        if answers == 0 && !answer.text().contains("draining") {
            continue;
        }
        ensure!(answer.status == 503 && answer.text().contains("draining"), "{answer:?}");
        answers += 1;
    }
    ensure!(answers > 1, "it drained unseen");
    let ended = timeout(DRAIN_LIMIT, process.ended()).await.context("it did not end")??;
    ensure!(last.elapsed() < SILENCE_LIMIT, "it answered nothing for {:?}", last.elapsed());
    println!("{answers} answers in {:?}", asked.elapsed());
    ended.succeeded().map(drop)
}
