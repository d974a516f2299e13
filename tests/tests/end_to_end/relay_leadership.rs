//! Two processes of `waybill relay`: the one that leads is stopped or cut off without a word, and comes back.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use uuid::Uuid;
use waybill_tests::{Direction, Hooks, Postgres, Process, Signal, TcpProxy, WaybillConfig, eventually};

use crate::TestEnv;
use crate::rabbitmq::TOKEN;

/// How long events may have no relay after the one that led is gone.
const TAKE_OVER_LIMIT: Duration = Duration::from_mins(1);

/// An event of this identifier.
pub(crate) const INSERT: &str =
    "INSERT INTO outbox (id, event_type, order_id, payload) VALUES ($1, 'order.created', $1, '{}')";

struct Relays {
    env: TestEnv,
    postgres: Postgres,
    receiver: Hooks,
    sent: Vec<Uuid>,
}

impl Relays {
    async fn new() -> Result<Self> {
        let (env, postgres, receiver) =
            (TestEnv::local()?, Postgres::start_migrated().await?, Hooks::start().await?);
        Ok(Self { env, postgres, receiver, sent: Vec::new() })
    }

    async fn start(&self, database_url: String) -> Result<Process> {
        let config =
            WaybillConfig::command(["relay", "--to", &self.receiver.url("/events")], self.env.folder.path())
                .variable("ORDERS_DATABASE_URL", database_url)
                .variable("WAYBILL_EVENTS_TOKEN", TOKEN);
        Process::start(&config.admin()).await
    }

    /// Writes an event and waits until it was delivered.
    async fn deliver(&mut self) -> Result<()> {
        let event = Uuid::now_v7();
        self.sent.push(event);
        self.postgres.client("orders").await?.execute(INSERT, &[&event]).await?;
        eventually("the event to be delivered", TAKE_OVER_LIMIT, async || {
            Ok((self.postgres.number("orders", "SELECT count(*) FROM outbox").await? == 0).then_some(()))
        })
        .await
    }

    /// Each event was received once, in the order in which they were written.
    fn each_was_received_once(&self) -> Result<()> {
        let received: Vec<String> =
            self.receiver.received().iter().map(|post| post.header("ce-id").to_owned()).collect();
        let sent: Vec<String> = self.sent.iter().map(ToString::to_string).collect();
        ensure!(received == sent, "{received:?} in place of {sent:?}");
        Ok(())
    }
}

async fn logs(process: &Process, text: &str) -> Result<()> {
    eventually(text, TAKE_OVER_LIMIT, async || Ok(process.log().contains(text).then_some(()))).await
}

#[tokio::test]
async fn a_relay_that_was_stopped_is_replaced_and_delivers_nothing_when_it_goes_on() -> Result<()> {
    let mut relays = Relays::new().await?;
    let url = relays.postgres.url("orders");
    let first = relays.start(url.clone()).await?;
    relays.deliver().await?;
    let second = relays.start(url).await?;
    logs(&second, "this one stands by").await?;

    first.signal(Signal::Stop)?;
    let stopped_at = Instant::now();
    relays.deliver().await?;
    ensure!(stopped_at.elapsed() < TAKE_OVER_LIMIT, "{:?}", stopped_at.elapsed());
    logs(&second, "the relay takes over").await?;

    first.signal(Signal::Cont)?;
    logs(&first, "the relay's lock is lost").await?;
    logs(&first, "this one stands by").await?;
    first.address("admin")?.answers("/readyz", 200).await?;
    for _ in 0..5 {
        relays.deliver().await?;
    }
    relays.each_was_received_once()?;
    // It takes over in its turn.
    second.stop().await?.succeeded()?;
    relays.deliver().await?;
    relays.each_was_received_once()
}

#[tokio::test]
async fn a_relay_whose_network_drops_packets_is_replaced_and_says_so_until_it_stands_by() -> Result<()> {
    let mut relays = Relays::new().await?;
    let network = TcpProxy::start(relays.postgres.address()).await?;
    let first = relays.start(relays.postgres.url_at(network.port(), "orders")).await?;
    relays.deliver().await?;
    let second = relays.start(relays.postgres.url("orders")).await?;
    logs(&second, "this one stands by").await?;

    // Nothing passes, and nothing is closed.
    network.stall(Direction::ToServer);
    network.stall(Direction::ToClient);
    let stalled_at = Instant::now();
    relays.deliver().await?;
    ensure!(stalled_at.elapsed() < TAKE_OVER_LIMIT, "{:?}", stalled_at.elapsed());
    let admin = first.address("admin")?;
    admin.is_not_ready(&["the relay's lock"]).await?;
    network.heal();
    logs(&first, "this one stands by").await?;
    admin.answers("/readyz", 200).await?;
    relays.deliver().await?;
    relays.each_was_received_once()
}
