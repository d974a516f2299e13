//! wasmCloud 2: a host that gets the workloads of `deploy/wasmcloud/waybill.yaml` over NATS, as from its operator on Kubernetes.

mod control;
mod registry;
mod workloads;

use std::env;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use self::control::Control;
use self::registry::Registry;
use crate::daemon::Daemon;
use crate::lasting_ports;
use crate::{Http, Nats, OtherHost, Postgres, Wasi, installed_program, skip};

/// How long the host may take until both workloads serve: it compiles the components first.
const START_LIMIT: Duration = Duration::from_mins(3);

/// By which name of this machine each service is asked for: the host routes by the header `Host`, without its port.
const NAMES: [(&str, &str); 2] = [("waybill-orders", "localhost"), ("waybill-invoices", "127.0.0.1")];

/// `wash host` with both workloads, serving or killed.
#[derive(Debug)]
pub struct Wash {
    program: PathBuf,
    postgres_url: String,
    environment: Vec<(String, String)>,
    broker_url: Option<String>,
    /// Whether `notes.traced` of `examples/` stands in the place of orders.
    traced_notes: bool,
    port: u16,
    // In the order in which they end; the logs are in the folder.
    daemon: Option<Daemon>,
    nats: Nats,
    registry: Registry,
    wasi: Wasi,
    folder: TempDir,
}

impl Wash {
    /// The program: `WASH_BIN`, or the one that `cargo xtask` has installed.
    pub fn program() -> Option<PathBuf> {
        installed_program("WASH_BIN", "wash/bin/wash")
    }

    /// Starts the host on the two databases of a server, and waits until both workloads, with components for that version of WASI, serve.
    /// `None`, and the test is reported as skipped, if its program or NATS is not here.
    pub async fn start(
        postgres: &Postgres,
        events_token: &str,
        environment: &[(&str, String)],
        wasi: Wasi,
    ) -> Result<Option<Self>> {
        Self::start_with(postgres, events_token, environment, wasi, None, false).await
    }

    /// The same with the example of a component that reports spans in the place of orders.
    pub async fn start_with_traced_notes(
        postgres: &Postgres,
        environment: &[(&str, String)],
    ) -> Result<Option<Self>> {
        Self::start_with(postgres, "", environment, Wasi::V0_2, None, true).await
    }

    /// The same with a service that consumes a RabbitMQ of this machine for the invoices.
    pub async fn start_consuming(
        postgres: &Postgres,
        events_token: &str,
        environment: &[(&str, String)],
        broker_url: &str,
    ) -> Result<Option<Self>> {
        let broker_url = Some(broker_url.to_owned());
        Self::start_with(postgres, events_token, environment, Wasi::V0_2, broker_url, false).await
    }

    async fn start_with(
        postgres: &Postgres,
        events_token: &str,
        environment: &[(&str, String)],
        wasi: Wasi,
        broker_url: Option<String>,
        traced_notes: bool,
    ) -> Result<Option<Self>> {
        let Some(program) = Self::program() else {
            skip("wasmCloud 2 is not installed (`cargo xtask test` does it, with Python's venv and PyPI)");
            return Ok(None);
        };
        let Some(nats) = Nats::start().await? else { return Ok(None) };
        let [port] = lasting_ports()?;
        let mut host = Self {
            program,
            postgres_url: postgres_url(&postgres.url(""), events_token)?,
            environment: environment
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
            broker_url,
            traced_notes,
            port,
            daemon: None,
            nats,
            registry: Registry::start(wasi).await?,
            wasi,
            folder: TempDir::with_prefix("waybill-wash-")?,
        };
        host.restart().await?;
        Ok(Some(host))
    }

    async fn place(&mut self) -> Result<()> {
        // Before the host, whose first heartbeat comes when it is ready.
        let mut control = Control::connect(self.nats.port()).await?;
        let daemon =
            self.daemon.insert(Daemon::spawn("wash", self.command(), &self.folder.path().join("wash.log"))?);
        let host = tokio::select! {
            host = control.next_host() => host?,
            status = daemon.end() => bail!("wash ended at its start ({})", status?),
        };
        let broker_url = self.broker_url.as_deref();
        let mut requests = workloads::start_requests(&self.registry, &NAMES, self.wasi, broker_url)?;
        if self.traced_notes {
            requests = workloads::with_traced_notes(requests, &self.registry)?;
        }
        for request in requests {
            control.start_workload(&host, &request).await?;
        }
        Ok(())
    }

    /// Its process, while it runs.
    pub fn pid(&self) -> Result<u32> {
        self.daemon.as_ref().context("wash does not run")?.pid()
    }

    fn service(&self, workload: &str) -> Http {
        let name = NAMES.iter().find(|(name, _)| *name == workload).map_or("", |(_, host)| *host);
        Http::new(format!("http://{name}:{}", self.port))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        let nats = self.nats.url();
        command
            .args(["host", "--http-addr", &format!("127.0.0.1:{}", self.port), "--allow-insecure-registries"])
            .args(self.broker_url.as_ref().map(|_| "--allow-host-loopback"))
            .args(self.traced_notes.then_some("--wasi-otel"))
            .args(["--scheduler-nats-url", &nats, "--data-nats-url", &nats])
            .current_dir(self.folder.path());
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            // With RUST_BACKTRACE it walks the stack at every request, which takes milliseconds.
            if ["OTEL_", "RUST_", "WASH_", "XDG_"].iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name.as_ref());
            }
        }
        // Where it finds no settings or caches of the developer's.
        command.env("HOME", self.folder.path()).env("WASH_POSTGRES_URL", &self.postgres_url);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl OtherHost for Wash {
    fn orders(&self) -> Http {
        self.service("waybill-orders")
    }

    fn invoices(&self) -> Http {
        self.service("waybill-invoices")
    }

    async fn kill(&mut self) -> Result<()> {
        match self.daemon.take() {
            Some(daemon) => daemon.kill().await,
            None => Ok(()),
        }
    }

    async fn restart(&mut self) -> Result<()> {
        timeout(START_LIMIT, self.place()).await.context("wasmCloud 2 did not serve in time")??;
        let path = if self.traced_notes { "/notes" } else { "/health" };
        self.orders().answers(path, 200).await?;
        self.invoices().answers("/health", 200).await
    }
}

/// The URL of a server for the host, which knows of one server and adds the database's name itself.
fn postgres_url(server: &str, events_token: &str) -> Result<String> {
    let (server, _) = server.rsplit_once('/').context("a URL with a path")?;
    let mut url = format!(
        "{server}/?options=-c%20synchronous_commit%3Don%20-c%20default_transaction_isolation%3Dread%5C%20committed%20-c%20waybill.events_token%3D"
    );
    for byte in events_token.bytes() {
        write!(url, "%{byte:02X}")?;
    }
    Ok(url)
}
