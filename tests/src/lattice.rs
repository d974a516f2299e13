//! A wasmCloud lattice: NATS, wadm with the secrets, and a host, each a process of its own, with the application of
//! `deploy/wadm.local.yaml` on it.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;

use crate::daemon::Daemon;
use crate::rabbit::lasting_ports;
use crate::skip::skip_without;
use crate::{Http, Postgres, eventually};

/// How long the lattice, and the application on it, may take until it serves.
const START_LIMIT: Duration = Duration::from_mins(3);

/// A lattice.
#[derive(Debug)]
pub struct Lattice {
    launcher: PathBuf,
    nats_server: PathBuf,
    folder: TempDir,
    environment: Vec<(String, String)>,
    ports: Ports,
    nats: Option<Daemon>,
    control: Option<Daemon>,
    host: Option<Daemon>,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    nats: u16,
    orders: u16,
    invoices: u16,
}

impl Lattice {
    /// Starts a lattice and deploys the application on these databases and this virtual host of RabbitMQ. None, and the test
    /// is reported as skipped, where the lattice is not named: building it takes minutes, so it is not part of every run.
    pub async fn start(
        postgres: &Postgres,
        broker_url: &str,
        events_token: &str,
        environment: &[(&str, String)],
    ) -> Result<Option<Self>> {
        let variable = |name| env::var_os(name).map(PathBuf::from);
        let (Some(launcher), Some(nats_server), Some(providers)) =
            (variable("WAYBILL_LATTICE"), variable("NATS_SERVER_BIN"), variable("WAYBILL_PROVIDERS"))
        else {
            skip_without("no lattice is named by WAYBILL_LATTICE, WAYBILL_PROVIDERS and NATS_SERVER_BIN");
            return Ok(None);
        };
        let [nats, orders, invoices] = lasting_ports()?;
        let mut all: Vec<(String, String)> = [
            ("ORDERS_DATABASE_URL", postgres.url("orders")),
            ("INVOICES_DATABASE_URL", postgres.url("invoices")),
            ("INVOICES_SESSION_SETTINGS", format!("waybill.events_token = {events_token}")),
            ("BROKER_URL", broker_url.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        all.extend(environment.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let mut lattice = Self {
            launcher,
            nats_server,
            folder: TempDir::with_prefix("waybill-lattice-")?,
            environment: all,
            ports: Ports { nats, orders, invoices },
            nats: None,
            control: None,
            host: None,
        };
        lattice.start_nats().await?;
        lattice.control = Some(lattice.launch("control", &["--control-only"]).await?);
        lattice.start_host().await?;
        lattice.deploy(&providers).await?;
        Ok(Some(lattice))
    }

    /// Where orders are served.
    pub fn orders(&self) -> Http {
        Http::new(format!("http://127.0.0.1:{}", self.ports.orders))
    }

    /// Where invoices are served.
    pub fn invoices(&self) -> Http {
        Http::new(format!("http://127.0.0.1:{}", self.ports.invoices))
    }

    async fn start_nats(&mut self) -> Result<()> {
        let mut command = Command::new(&self.nats_server);
        let port = self.ports.nats.to_string();
        command.args(["--jetstream", "--addr", "127.0.0.1", "--port", &port, "--store_dir"]);
        command.arg(self.folder.path().join("nats"));
        self.nats = Some(Daemon::spawn("NATS", command, &self.folder.path().join("nats.log"))?);
        eventually("NATS answers", START_LIMIT, async || {
            tokio::net::TcpStream::connect(("127.0.0.1", self.ports.nats)).await?;
            Ok(Some(()))
        })
        .await
    }

    async fn start_host(&mut self) -> Result<()> {
        self.host = Some(self.launch("host", &["--host-only"]).await?);
        Ok(())
    }

    async fn launch(&self, name: &'static str, arguments: &[&str]) -> Result<Daemon> {
        let log = self.folder.path().join(format!("{name}.log"));
        let mut command = self.launcher("up");
        command.args(arguments);
        let before = std::fs::read_to_string(&log).unwrap_or_default().matches("\nready").count();
        let mut daemon = Daemon::spawn(name, command, &log)?;
        eventually(name, START_LIMIT, async || {
            if let Some(status) = daemon.ended()? {
                return Ok(Some(Err(status)));
            }
            Ok((daemon.log().matches("\nready").count() > before).then_some(Ok(())))
        })
        .await?
        .map_err(|status| anyhow::anyhow!("{name} ended at its start ({status}):\n{}", daemon.log()))?;
        Ok(daemon)
    }

    fn launcher(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.launcher);
        command.arg(subcommand).current_dir(self.folder.path());
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if ["OTEL_", "NATS_", "RUST_"].iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name.as_ref());
            }
        }
        command.env("NATS_URL", format!("nats://127.0.0.1:{}", self.ports.nats));
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Deploys the application and waits until both services answer.
    async fn deploy(&self, providers: &Path) -> Result<()> {
        let manifest = self.folder.path().join("wadm.yaml");
        std::fs::write(&manifest, self.manifest(providers)?)?;
        let mut deploy = self.launcher("deploy");
        deploy.arg(&manifest).kill_on_drop(true);
        let output =
            timeout(START_LIMIT, deploy.output()).await.context("the deployment took too long")??;
        let text =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        ensure!(output.status.success(), "the deployment failed: {text}");
        for service in [self.orders(), self.invoices()] {
            eventually("the services answer", START_LIMIT, async || {
                let answer = service.get("/health").await?;
                ensure!(answer.status == 200, "{} {}", answer.status, answer.text());
                Ok(Some(()))
            })
            .await?;
        }
        Ok(())
    }

    /// The local manifest with the files that were built for this test, and with its own ports.
    fn manifest(&self, providers: &Path) -> Result<String> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/wadm.local.yaml");
        let text = std::fs::read_to_string(manifest)?;
        let components = match env::var_os("WAYBILL_COMPONENTS") {
            Some(folder) => PathBuf::from(folder),
            None => bail!("WAYBILL_COMPONENTS is not set"),
        };
        let mut rendered = text.clone();
        for (from, to) in [
            ("file://../target/components", format!("file://{}", components.display())),
            ("file://../target/providers", format!("file://{}", providers.display())),
            ("127.0.0.1:3333", format!("127.0.0.1:{}", self.ports.orders)),
            ("127.0.0.1:3334", format!("127.0.0.1:{}", self.ports.invoices)),
        ] {
            ensure!(rendered.contains(from), "the manifest does not name {from}");
            rendered = rendered.replace(from, &to);
        }
        Ok(rendered)
    }
}

impl Drop for Lattice {
    fn drop(&mut self) {
        // The host first: its providers end with its group.
        drop(self.host.take());
        drop(self.control.take());
        drop(self.nats.take());
    }
}
