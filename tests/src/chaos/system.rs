//! The system: PostgreSQL, RabbitMQ, all roles, and a network between them that can break.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use tokio::time::sleep;

use super::counts::Counts;
use crate::lasting_ports;
use crate::{
    Acknowledged, Http, Peer, Postgres, Process, Rabbit, Signal, TcpProxy, WaybillConfig, eventually,
};

/// The queues through which a message comes to its invoice.
const QUEUES: [&str; 5] =
    ["orders", "orders.retry.1s", "orders.retry.10s", "orders.retry.1m", "orders.retry.10m"];

/// How many consumers and how many relays there are.
pub(super) const COPIES: usize = 2;

/// How long it may take until a relay holds the lock after another one has lost it.
const TAKEOVER_LIMIT: Duration = Duration::from_mins(1);

/// How long RabbitMQ may take to settle what was acknowledged last.
const SETTLE_LIMIT: Duration = Duration::from_mins(1);

/// The whole system.
pub(super) struct System {
    pub(super) postgres: Postgres,
    pub(super) rabbit: Rabbit,
    pub(super) database_proxy: TcpProxy,
    pub(super) broker_proxy: TcpProxy,
    folder: TempDir,
    orders_port: u16,
    orders: Option<Process>,
    consumers: Vec<Process>,
    relays: Vec<Relay>,
    /// How many processes of the last two kinds were started so far: each has a number, and a log, of its own.
    started: usize,
}

/// A relay, and the name by which PostgreSQL knows its sessions.
struct Relay {
    name: String,
    process: Process,
}

impl System {
    /// Starts it. `None` if a server that it needs is not installed.
    pub(super) async fn start() -> Result<Option<Self>> {
        let mut postgres = Postgres::start().await?;
        postgres.keep_quiet();
        let Some(rabbit) = Rabbit::start().await else { return Ok(None) };
        let database_proxy = TcpProxy::start(postgres.address()).await?;
        let broker_proxy = TcpProxy::start(rabbit.address()).await?;
        let folder = tempfile::Builder::new().prefix("waybill-chaos-").tempdir()?;
        // The customers keep the address when the service is started again, so it cannot be the system's choice.
        let [orders_port] = lasting_ports()?;
        let mut system = Self {
            postgres,
            rabbit,
            database_proxy,
            broker_proxy,
            folder,
            orders_port,
            orders: None,
            consumers: Vec::new(),
            relays: Vec::new(),
            started: 0,
        };
        let migrated = Process::run(&system.role(&["migrate"])).await?;
        ensure!(migrated.status.success(), "{}", migrated.stderr);
        system.start_orders().await?;
        system.start_consumers().await?;
        system.start_relays().await?;
        Ok(Some(system))
    }

    /// Where orders are placed.
    pub(super) fn orders_address(&self) -> Http {
        Http::new(format!("http://127.0.0.1:{}", self.orders_port))
    }

    /// A client of RabbitMQ beside the system.
    pub(super) async fn peer(&self) -> Result<Peer> {
        Peer::connect(&self.rabbit.url()).await
    }

    pub(super) async fn kill_orders(&mut self, pause: Duration) -> Result<()> {
        if let Some(orders) = self.orders.take() {
            orders.kill().await?;
        }
        sleep(pause).await;
        self.start_orders().await
    }

    /// Kills so many consumers, those first that have run the longest.
    pub(super) async fn kill_consumers(&mut self, count: usize, pause: Duration) -> Result<()> {
        for consumer in self.consumers.drain(..count) {
            consumer.kill().await?;
        }
        sleep(pause).await;
        self.start_consumers().await
    }

    /// Kills both relays.
    pub(super) async fn kill_relays(&mut self, pause: Duration) -> Result<()> {
        for relay in self.relays.drain(..) {
            relay.process.kill().await?;
        }
        sleep(pause).await;
        self.start_relays().await
    }

    /// Kills the relay that delivers, and waits until the other one does.
    pub(super) async fn kill_delivering_relay(&mut self, pause: Duration) -> Result<()> {
        let index = self.delivering(None).await?;
        let killed = self.relays.remove(index);
        killed.process.kill().await?;
        self.delivering(Some(&killed.name)).await?;
        sleep(pause).await;
        self.start_relays().await
    }

    /// Lets the relay that delivers stand still, takes its session with the lock away, waits until the other one has
    /// taken over, and lets it go on beside that.
    pub(super) async fn suspend_delivering_relay(&mut self, pause: Duration) -> Result<()> {
        let relay = &self.relays[self.delivering(None).await?];
        relay.process.signal(Signal::Stop)?;
        self.database_proxy.cut();
        let taken_over = self.delivering(Some(&relay.name)).await;
        sleep(pause).await;
        relay.process.signal(Signal::Cont)?;
        taken_over.map(drop)
    }

    /// Waits until one of the relays holds the lock, other than a certain one, and returns its place among them.
    async fn delivering(&self, but: Option<&str>) -> Result<usize> {
        let holder = "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid) \
                      WHERE locktype = 'advisory' AND granted AND application_name LIKE 'relay-%'";
        eventually("a relay holds the lock", TAKEOVER_LIMIT, async || {
            let Some(row) = self.postgres.client("orders").await?.query_opt(holder, &[]).await? else {
                return Ok(None);
            };
            let name: String = row.try_get(0)?;
            let place = self.relays.iter().position(|relay| relay.name == name);
            Ok(place.filter(|_| but != Some(name.as_str())))
        })
        .await
    }

    /// What is still in flight, in a few words; `None` when everything has arrived. The peer is made when it is needed, and kept
    /// for the next look.
    pub(super) async fn under_way(&self, peer: &mut Option<Peer>) -> Result<Option<String>> {
        // In the direction of an order, so that nothing passes by unseen.
        let outbox = self.postgres.number("orders", "SELECT count(*) FROM outbox").await?;
        if outbox > 0 {
            return Ok(Some(format!("{outbox} events are in the outbox")));
        }
        let orders = self.postgres.number("orders", "SELECT count(*) FROM orders").await?;
        let invoices = self.postgres.number("invoices", "SELECT count(*) FROM invoices").await?;
        if invoices < orders {
            return Ok(Some(format!("{orders} orders have {invoices} invoices")));
        }
        // What is left there was delivered twice and changes nothing, which the next count proves.
        let connected = match peer.take() {
            Some(peer) => peer,
            None => self.peer().await?,
        };
        let mut waiting = None;
        for queue in QUEUES {
            let messages = connected.depth(queue).await?;
            if messages > 0 {
                waiting = Some(format!("{messages} messages are in {queue}"));
            }
        }
        *peer = Some(connected);
        Ok(waiting)
    }

    /// Waits until no queue holds a message, delivered ones included. RabbitMQ's own command takes seconds, so this is
    /// for the end.
    pub(super) async fn queues_are_empty(&self) -> Result<()> {
        eventually("no queue holds a message", SETTLE_LIMIT, async || {
            let list = self.rabbit.ctl(&["--silent", "list_queues", "name", "messages"]).await;
            let count = list.lines().count();
            ensure!(count > QUEUES.len(), "all queues are there: {list}");
            ensure!(list.lines().all(|line| line.ends_with("\t0")), "{list}");
            Ok(Some(()))
        })
        .await
    }

    /// Counts everything. Of the acknowledged orders only these are looked for.
    pub(super) async fn count(&self, acknowledged: &[Acknowledged]) -> Result<Counts> {
        let orders = self.postgres.client("orders").await?;
        let invoices = self.postgres.client("invoices").await?;
        // Outbox first: whatever leaves it afterwards is in the other counts or still missing there.
        let outbox = orders.query_one("SELECT count(*) FROM outbox", &[]).await?.try_get(0)?;
        let lost = "SELECT count(*) FROM unnest($1::uuid[], $2::bigint[]) AS given (id, amount) WHERE NOT EXISTS \
                    (SELECT FROM orders WHERE orders.id = given.id AND orders.amount = given.amount)";
        let (ids, amounts): (Vec<_>, Vec<_>) =
            acknowledged.iter().map(|order| (order.id, order.amount)).unzip();
        let lost_orders = orders.query_one(lost, &[&ids, &amounts]).await?.try_get(0)?;
        let placed =
            "SELECT count(*), coalesce(sum(hashtextextended(id || ' ' || amount, 0)), 0)::text FROM orders";
        let placed = orders.query_one(placed, &[]).await?;
        let issued = "SELECT count(*), coalesce(sum(hashtextextended(order_id || ' ' || amount, 0)), 0)::text, \
                      count(*) - count(DISTINCT order_id), (SELECT coalesce(sum(last - given), 0)::bigint FROM \
                      (SELECT max(number) AS last, count(DISTINCT number) AS given FROM invoices GROUP BY series) AS s) \
                      FROM invoices";
        let issued = invoices.query_one(issued, &[]).await?;
        let dead_letters = self.peer().await?.depth("orders.dead").await?;
        Ok(Counts {
            orders: placed.try_get(0)?,
            invoices: issued.try_get(0)?,
            outbox,
            lost_orders,
            sets_agree: placed.try_get::<_, String>(1)? == issued.try_get::<_, String>(1)?,
            duplicates: issued.try_get(2)?,
            gaps: issued.try_get(3)?,
            dead_letters,
        })
    }

    /// What `waybill audit` says; an error when it is not clean.
    pub(super) async fn audit(&self) -> Result<String> {
        let config = self.role(&["audit", "--grace-s", "0"]);
        let audited = Process::run(&config).await?;
        ensure!(audited.status.success(), "{} {}", audited.stdout, audited.stderr);
        Ok(audited.stdout.lines().last().context("the audit said nothing")?.to_owned())
    }

    /// Keeps the logs for a person, and says where.
    pub(super) fn keep_logs(&mut self) -> PathBuf {
        self.folder.disable_cleanup(true);
        self.folder.path().to_owned()
    }

    async fn start_orders(&mut self) -> Result<()> {
        let address = format!("127.0.0.1:{}", self.orders_port);
        let config = self.role(&["serve", "orders", "--orders-listen", &address]);
        self.orders = Some(Process::start(&self.logged(config, "orders")).await?);
        Ok(())
    }

    async fn start_consumers(&mut self) -> Result<()> {
        let config = self.role(&["serve", "invoices", "--invoices-listen", "127.0.0.1:0"]);
        while self.consumers.len() < COPIES {
            let name = self.next_name("invoices");
            self.consumers.push(Process::start(&self.logged(config.clone(), &name)).await?);
        }
        Ok(())
    }

    async fn start_relays(&mut self) -> Result<()> {
        while self.relays.len() < COPIES {
            let name = self.next_name("relay");
            let url = self.postgres.url_at(self.database_proxy.port(), "orders");
            let url = format!("{url}&application_name={name}");
            let config = self.role(&["relay"]).variable("ORDERS_DATABASE_URL", url);
            let process = Process::start(&self.logged(config, &name)).await?;
            self.relays.push(Relay { name, process });
        }
        Ok(())
    }

    fn next_name(&mut self, role: &str) -> String {
        self.started += 1;
        format!("{role}-{}", self.started)
    }

    /// A command by way of the proxies.
    fn role(&self, words: &[&str]) -> WaybillConfig {
        let port = self.database_proxy.port();
        WaybillConfig::command(words.iter().copied(), self.folder.path())
            .variable("ORDERS_DATABASE_URL", self.postgres.url_at(port, "orders"))
            .variable("INVOICES_DATABASE_URL", self.postgres.url_at(port, "invoices"))
            .variable("BROKER_URL", self.rabbit.url_at(self.broker_proxy.port()))
    }

    fn logged(&self, config: WaybillConfig, name: &str) -> WaybillConfig {
        config.log_file(self.folder.path().join(format!("{name}.log")))
    }
}
