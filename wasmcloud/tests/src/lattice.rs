//! A wasmCloud lattice: NATS, wadm with the secrets, and a host, each a process of its own, with the application of one of the
//! manifests in `deploy/` on it.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use tokio::time::timeout;
use waybill_tests::{Daemon, Http, Nats, Postgres, Signal, eventually, lasting_ports, skip};

/// How long the lattice, and the application on it, may take until it serves.
const START_LIMIT: Duration = Duration::from_mins(3);

/// A lattice.
#[derive(Debug)]
pub struct Lattice {
    launcher: PathBuf,
    providers: PathBuf,
    manifest: &'static str,
    environment: Vec<(String, String)>,
    orders_port: u16,
    invoices_port: u16,
    // In the order in which they end: the host's providers end with its group, and logs are read from the folder.
    host: Option<Daemon>,
    control: Option<Daemon>,
    nats: Nats,
    folder: TempDir,
}

impl Lattice {
    /// Starts a lattice and deploys the application of a manifest on these databases and this virtual host of RabbitMQ. None,
    /// and the test is reported as skipped, where the lattice's programs are not named.
    pub async fn start(
        manifest: &'static str,
        postgres: &Postgres,
        broker_url: &str,
        events_token: &str,
        environment: &[(&str, String)],
    ) -> Result<Option<Self>> {
        let variable = |name| env::var_os(name).map(PathBuf::from);
        let (Some(launcher), Some(providers)) = (variable("WAYBILL_LATTICE"), variable("WAYBILL_PROVIDERS"))
        else {
            skip(
                "no lattice is named by WAYBILL_LATTICE and WAYBILL_PROVIDERS; `cargo xtask test --all` builds one",
            );
            return Ok(None);
        };
        let Some(nats) = Nats::start().await? else { return Ok(None) };
        let [orders_port, invoices_port] = lasting_ports()?;
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
            providers,
            manifest,
            folder: TempDir::with_prefix("waybill-lattice-")?,
            environment: all,
            orders_port,
            invoices_port,
            host: None,
            control: None,
            nats,
        };
        lattice.control = Some(lattice.launch("control", &["--control-only"]).await?);
        lattice.start_host().await?;
        lattice.deploy(&lattice.manifest()?).await?;
        Ok(Some(lattice))
    }

    /// Where orders are served.
    pub fn orders(&self) -> Http {
        Http::new(format!("http://127.0.0.1:{}", self.orders_port))
    }

    /// Where invoices are served.
    pub fn invoices(&self) -> Http {
        Http::new(format!("http://127.0.0.1:{}", self.invoices_port))
    }

    /// Kills NATS (SIGKILL) and starts it again on its data.
    pub async fn replace_nats(&mut self) -> Result<()> {
        self.nats.kill().await?;
        self.nats.restart().await
    }

    /// Kills the host (SIGKILL), but none of the providers that it started.
    pub async fn kill_host(&mut self) -> Result<()> {
        match self.host.take() {
            Some(host) => host.kill_only_it().await,
            None => Ok(()),
        }
    }

    /// Starts a host, on which wadm brings up the application.
    pub async fn start_host(&mut self) -> Result<()> {
        self.host = Some(self.launch("host", &["--host-only"]).await?);
        Ok(())
    }

    /// Kills a provider of the host (SIGKILL), by a part of its program's name.
    pub fn kill_provider(&self, name: &str) -> Result<()> {
        let host = self.host.as_ref().context("no host runs")?.pid()?;
        let provider = children(host)?
            .into_iter()
            .find(|pid| {
                fs::read_link(format!("/proc/{pid}/exe"))
                    .is_ok_and(|program| program.to_string_lossy().contains(name))
            })
            .with_context(|| format!("the host has no provider {name}"))?;
        Signal::Kill.send(provider)
    }

    async fn launch(&self, name: &'static str, arguments: &[&str]) -> Result<Daemon> {
        let log = self.folder.path().join(format!("{name}.log"));
        let mut command = self.launcher("up");
        command.args(arguments);
        let before = fs::read_to_string(&log).unwrap_or_default().matches("\nready").count();
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
        command.env("NATS_URL", self.nats.url());
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Deploys the application and waits until it serves.
    pub async fn deploy(&self, manifest: &str) -> Result<()> {
        let file = self.folder.path().join("wadm.yaml");
        fs::write(&file, manifest)?;
        let mut deploy = self.launcher("deploy");
        deploy.arg(&file).kill_on_drop(true);
        let output =
            timeout(START_LIMIT, deploy.output()).await.context("the deployment took too long")??;
        let text =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
        ensure!(output.status.success(), "the deployment failed: {text}");
        self.serves().await
    }

    /// Waits until both services answer that they are well.
    pub async fn serves(&self) -> Result<()> {
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

    /// The manifest with the files that were built for this test, and with its own ports.
    pub fn manifest(&self) -> Result<String> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(self.manifest);
        let text = fs::read_to_string(manifest)?;
        let components = match env::var_os("WAYBILL_COMPONENTS") {
            Some(folder) => PathBuf::from(folder),
            None => bail!("WAYBILL_COMPONENTS is not set"),
        };
        let mut rendered = text.clone();
        for (from, to) in [
            ("file://../target/components", format!("file://{}", components.display())),
            ("file://../target/providers", format!("file://{}", self.providers.display())),
            ("127.0.0.1:3333", format!("127.0.0.1:{}", self.orders_port)),
            ("127.0.0.1:3334", format!("127.0.0.1:{}", self.invoices_port)),
        ] {
            ensure!(rendered.contains(from), "the manifest does not name {from}");
            rendered = rendered.replace(from, &to);
        }
        // Only where the lattice's own NATS delivers.
        Ok(rendered.replace("nats://127.0.0.1:4222", &self.nats.url()))
    }
}

/// The processes that a process has started.
fn children(of: u32) -> Result<Vec<u32>> {
    let is_child = |pid: &u32| {
        fs::read_to_string(format!("/proc/{pid}/status"))
            .is_ok_and(|status| status.lines().any(|line| line == format!("PPid:\t{of}")))
    };
    let all = fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    Ok(all.filter(is_child).collect())
}
