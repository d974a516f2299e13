//! A server of a test's own.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;
use waybill_local_postgres::{Config, LocalPostgres};

use crate::frozen::Frozen;
use crate::home;

/// How long a stop in order may take.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// What a server needs that others replicate.
const REPLICATED: [(&str, &str); 2] = [("wal_level", "replica"), ("max_wal_senders", "4")];

/// The name of the log in the data folder.
const LOG: &str = "server.log";

/// A server that runs, or that a test has stopped for now, with the empty databases `orders` and `invoices`.
#[derive(Debug)]
pub struct Server {
    running: Option<LocalPostgres>,
    config: Config,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// Starts a server on a free port.
    pub fn start() -> Result<Self> {
        Self::start_at(free_port()?)
    }

    /// The same on a port of the caller's choice.
    pub fn start_at(port: u16) -> Result<Self> {
        Self::start_with(port, &[])
    }

    /// The same with settings that go before those that `waybill up` has.
    pub fn start_with(port: u16, further: &[(&str, &str)]) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("server-").tempdir_in(home::folder()?)?;
        let data = folder.path().join("data");
        home::copy_cluster(&data)?;
        let (port_text, log) = (port.to_string(), LOG);
        let mut settings = vec![
            ("listen_addresses", "127.0.0.1"),
            ("port", port_text.as_str()),
            ("max_connections", "100"),
            // Into a file, which tests read.
            ("logging_collector", "on"),
            ("log_directory", "."),
            ("log_filename", log),
            ("log_line_prefix", "%m [%p] "),
        ];
        settings.extend(further);
        let config = home::config(data, &settings);
        let running = Some(LocalPostgres::start(&config)?);
        Ok(Self { running, config, folder, port })
    }

    /// The same, so that it may have a [`standby`](Self::standby).
    pub fn start_primary() -> Result<Self> {
        Self::start_with(free_port()?, &REPLICATED)
    }

    /// Starts a standby on a copy of its data, for which it is stopped for a moment.
    pub fn standby(&mut self) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("server-").tempdir_in(home::folder()?)?;
        let (data, port) = (folder.path().join("data"), free_port()?);
        self.stop()?;
        home::copy(&self.config.folder, &data)?;
        fs::File::create(data.join("standby.signal"))?;
        self.restart()?;
        let primary = format!("host=127.0.0.1 port={} user=postgres", self.port);
        let mut config = Config { folder: data, ..self.config.clone() };
        config
            .settings
            .extend([("port".to_owned(), port.to_string()), ("primary_conninfo".to_owned(), primary)]);
        let running = Some(LocalPostgres::start(&config)?);
        Ok(Self { running, config, folder, port })
    }

    /// The URL of one of its databases. Its role is a superuser.
    pub fn url(&self, database: &str) -> String {
        self.url_at(self.port, database)
    }

    /// The URL of one of its databases by way of another port, such as a proxy's.
    pub fn url_at(&self, port: u16, database: &str) -> String {
        format!("postgresql://postgres:geheim@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// The address that it listens on.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its process, which has started all others of the server.
    pub fn id(&self) -> Result<u32> {
        self.running.as_ref().and_then(LocalPostgres::process_id).context("PostgreSQL does not run")
    }

    /// A folder for the test beside the data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops it as an administrator would: sessions are ended, everything is written.
    pub fn stop(&mut self) -> Result<()> {
        let Some(server) = self.running.take() else { return Ok(()) };
        ensure!(server.stop(STOP_LIMIT), "PostgreSQL did not stop within {STOP_LIMIT:?}");
        Ok(())
    }

    /// Kills it (SIGKILL): nothing is written any more.
    pub fn kill(&mut self) {
        if let Some(server) = self.running.take() {
            server.kill();
        }
    }

    /// Has all its processes stand still (SIGSTOP) until the guard is dropped: the kernel goes on to accept connections and data.
    pub fn freeze(&self) -> Result<Frozen> {
        Frozen::of(self.id()?)
    }

    /// Starts it again on the same data and port, and waits until it answers.
    pub fn restart(&mut self) -> Result<()> {
        ensure!(self.running.is_none(), "PostgreSQL is still running");
        self.running = Some(LocalPostgres::start(&self.config)?);
        Ok(())
    }

    /// The folder of its data, whose owner it runs as.
    pub fn data(&self) -> &Path {
        &self.config.folder
    }

    /// What the server logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.config.folder.join(LOG)
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
