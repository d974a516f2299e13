//! The application of `spin.toml`, on the real Spin.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::process::Command;

use crate::daemon::Daemon;
use crate::lasting_ports;
use crate::skip::skip_without;
use crate::{Http, OtherHost, Postgres, eventually};

/// How long Spin may take until it serves: it compiles the components first.
const START_LIMIT: Duration = Duration::from_mins(3);

/// `spin up`, serving or killed.
#[derive(Debug)]
pub struct Spin {
    program: PathBuf,
    folder: TempDir,
    variables: Vec<(String, String)>,
    port: u16,
    daemon: Option<Daemon>,
}

impl Spin {
    /// The program: `SPIN_BIN`, or `spin` on the PATH. `None`, and the test is reported as skipped, if there is neither.
    pub fn program() -> Option<PathBuf> {
        let on_path = || {
            let folders = env::var_os("PATH")?;
            env::split_paths(&folders).map(|folder| folder.join("spin")).find(|program| program.is_file())
        };
        let program = env::var_os("SPIN_BIN").map(PathBuf::from).or_else(on_path);
        if program.is_none() {
            skip_without(
                "Spin is not here: no SPIN_BIN, no spin on the PATH (https://spinframework.dev/install)",
            );
        }
        program
    }

    /// Starts the application on the two databases of a server, and waits until it serves.
    pub async fn start(
        program: PathBuf,
        postgres: &Postgres,
        events_token: &str,
        environment: &[(&str, String)],
    ) -> Result<Self> {
        let [port] = lasting_ports()?;
        let mut variables: Vec<(String, String)> = [
            ("SPIN_VARIABLE_ORDERS_DATABASE_URL", postgres.url("orders")),
            ("SPIN_VARIABLE_INVOICES_DATABASE_URL", postgres.url("invoices")),
            ("SPIN_VARIABLE_EVENTS_TOKEN", events_token.to_owned()),
            // Nothing but that server can be reached, so the manifest's grant is enough and no more than that.
            ("SPIN_VARIABLE_DATABASE_ADDRESS", postgres.address()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into();
        variables.extend(environment.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        let folder = tempfile::Builder::new().prefix("waybill-spin-").tempdir()?;
        let mut spin = Self { program, folder, variables, port, daemon: None };
        spin.restart().await?;
        Ok(spin)
    }

    /// Its process, while it runs.
    pub fn pid(&self) -> Result<u32> {
        self.daemon.as_ref().context("Spin does not run")?.pid()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["up", "--from"])
            .arg(manifest())
            .args(["--listen", &format!("127.0.0.1:{}", self.port), "--state-dir"])
            .arg(self.folder.path())
            // Where no `.env` file of the developer's is found.
            .current_dir(self.folder.path());
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if ["SPIN_VARIABLE_", "OTEL_"].iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(name.as_ref());
            }
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl OtherHost for Spin {
    fn orders(&self) -> Http {
        Http::new(format!("http://127.0.0.1:{}", self.port))
    }

    /// One address serves both components.
    fn invoices(&self) -> Http {
        self.orders()
    }

    async fn kill(&mut self) -> Result<()> {
        match self.daemon.take() {
            Some(daemon) => daemon.kill().await,
            None => Ok(()),
        }
    }

    async fn restart(&mut self) -> Result<()> {
        let mut daemon = Daemon::spawn("Spin", self.command(), &self.folder.path().join("spin.log"))?;
        let http = self.orders();
        let served = eventually("Spin serves", START_LIMIT, async || {
            if let Some(status) = daemon.ended()? {
                return Ok(Some(Err(status)));
            }
            Ok((http.get("/health").await?.status == 200).then_some(Ok(())))
        });
        if let Err(status) = served.await? {
            bail!("Spin ended at its start ({status})");
        }
        self.daemon = Some(daemon);
        Ok(())
    }
}

/// The manifest of the application, whose components `cargo xtask components` builds.
pub fn manifest() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spin.toml")
}
