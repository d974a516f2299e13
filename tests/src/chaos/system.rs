//! The system: PostgreSQL, RabbitMQ, all roles, and a network between them that can break.

use std::net::TcpListener;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use tokio::time::sleep;
use uuid::Uuid;

use super::Counts;
use crate::{Http, Peer, Postgres, Process, Rabbit, TcpProxy, WaybillConfig};

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
    relays: Vec<Process>,
}

impl System {
    /// Starts it. None where a server that it needs is not installed.
    pub(super) async fn start() -> Result<Option<Self>> {
        let Some(mut postgres) = Postgres::start().await? else { return Ok(None) };
        postgres.keep_quiet();
        let Some(rabbit) = Rabbit::start().await else { return Ok(None) };
        let database_proxy = TcpProxy::start(postgres.address()).await?;
        let broker_proxy = TcpProxy::start(rabbit.address()).await?;
        let folder = tempfile::Builder::new().prefix("waybill-chaos-").tempdir()?;
        // The customers keep the address when the service is started again, so it cannot be the system's choice.
        let orders_port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
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

    pub(super) async fn kill_consumers(&mut self, pause: Duration) -> Result<()> {
        for consumer in self.consumers.drain(..) {
            consumer.kill().await?;
        }
        sleep(pause).await;
        self.start_consumers().await
    }

    pub(super) async fn kill_relays(&mut self, pause: Duration) -> Result<()> {
        for relay in self.relays.drain(..) {
            relay.kill().await?;
        }
        sleep(pause).await;
        self.start_relays().await
    }

    /// Counts everything. Of the acknowledged orders only these are looked for.
    pub(super) async fn count(&self, acknowledged: &[Uuid]) -> Result<Counts> {
        let orders = self.postgres.client("orders").await?;
        let invoices = self.postgres.client("invoices").await?;
        // Outbox first: whatever leaves it afterwards is in the other counts or still missing there.
        let outbox = orders.query_one("SELECT count(*) FROM outbox", &[]).await?.try_get(0)?;
        let lost = "SELECT count(*) FROM unnest($1::uuid[]) AS given (id) \
                    WHERE NOT EXISTS (SELECT FROM orders WHERE orders.id = given.id)";
        let lost_orders = orders.query_one(lost, &[&acknowledged]).await?.try_get(0)?;
        let placed = "SELECT count(*), coalesce(sum(hashtextextended(id::text, 0)), 0)::text FROM orders";
        let placed = orders.query_one(placed, &[]).await?;
        let issued = "SELECT count(*), coalesce(sum(hashtextextended(order_id::text, 0)), 0)::text, \
                      count(*) - count(DISTINCT order_id), \
                      coalesce(max(number), 0) - count(DISTINCT number) FROM invoices";
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
        for name in ["invoices-1", "invoices-2"] {
            self.consumers.push(Process::start(&self.logged(config.clone(), name)).await?);
        }
        Ok(())
    }

    async fn start_relays(&mut self) -> Result<()> {
        for name in ["relay-1", "relay-2"] {
            self.relays.push(Process::start(&self.logged(self.role(&["relay"]), name)).await?);
        }
        Ok(())
    }

    /// A command by way of the proxies.
    fn role(&self, words: &[&str]) -> WaybillConfig {
        let port = self.database_proxy.port();
        WaybillConfig::role(words.iter().copied(), self.folder.path())
            .variable("ORDERS_DATABASE_URL", self.postgres.url_at(port, "orders"))
            .variable("INVOICES_DATABASE_URL", self.postgres.url_at(port, "invoices"))
            .variable("BROKER_URL", self.rabbit.url_at(self.broker_proxy.port()))
    }

    fn logged(&self, config: WaybillConfig, name: &str) -> WaybillConfig {
        config.log_file(self.folder.path().join(format!("{name}.log")))
    }
}
