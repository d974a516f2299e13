//! A PostgreSQL server of a test's own, with its own folder and port.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use parking_lot::{Mutex, MutexGuard};
use tokio::task::spawn_blocking;
use tokio_postgres::{Client, NoTls};
use waybill_test_database::{Frozen, Server};

use crate::lasting_ports;

/// A server that runs, or that a test has stopped for now. Its data is durable: `fsync` is on.
#[derive(Debug)]
pub struct Postgres {
    server: Arc<Mutex<Server>>,
    quiet: bool,
}

impl Postgres {
    /// Starts a new server with the empty databases `orders` and `invoices`.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// The same with settings that go before those that `waybill up` has.
    pub async fn start_with(settings: &'static [(&'static str, &'static str)]) -> Result<Self> {
        let [port] = lasting_ports()?;
        let server = spawn_blocking(move || Server::start_with(port, settings)).await??;
        Ok(Self { server: Arc::new(Mutex::new(server)), quiet: false })
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        self.server().url(database)
    }

    /// The URL of one of its databases by way of another port, such as a proxy's.
    pub fn url_at(&self, port: u16, database: &str) -> String {
        self.server().url_at(port, database)
    }

    /// The address that it listens on.
    pub fn address(&self) -> String {
        self.server().address()
    }

    /// Its process, which has started all others of the server.
    pub fn id(&self) -> Result<u32> {
        self.server().id()
    }

    /// A client of one of its databases, for checks beside the system under test.
    pub async fn client(&self, database: &str) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await?;
        tokio::spawn(async move {
            // Ends with the client, or with a server that a test stops; the client's next call reports it.
            let _ = connection.await;
        });
        Ok(client)
    }

    /// A number that a statement yields, such as a count.
    pub async fn number(&self, database: &str, sql: &str) -> Result<i64> {
        let row = self.client(database).await?.query_one(sql, &[]).await.with_context(|| sql.to_owned())?;
        Ok(row.try_get(0)?)
    }

    /// Has all its processes stand still (SIGSTOP) until the guard is dropped: the kernel goes on to accept connections and data.
    pub fn freeze(&self) -> Result<Frozen> {
        self.server().freeze()
    }

    /// Sets whether its sessions are read-only (`on`), as on a primary that was replaced.
    pub async fn set_read_only(&self, value: &str) -> Result<()> {
        let client = self.client("postgres").await?;
        client.batch_execute(&format!("ALTER SYSTEM SET default_transaction_read_only = {value}")).await?;
        Ok(client.batch_execute("SELECT pg_reload_conf()").await?)
    }

    /// Stops it as an administrator would: sessions are ended, everything is written.
    pub async fn stop(&mut self) -> Result<()> {
        self.change(Server::stop).await
    }

    /// Kills it (SIGKILL): nothing is written any more.
    pub async fn kill(&mut self) -> Result<()> {
        self.change(|server| {
            server.kill();
            Ok(())
        })
        .await
    }

    /// Starts it again on the same data and port, and waits until it answers.
    pub async fn restart(&mut self) -> Result<()> {
        self.change(Server::restart).await
    }

    /// Keeps its log to itself at the end, for programs other than tests.
    pub fn keep_quiet(&mut self) {
        self.quiet = true;
    }

    /// What the server logged.
    pub fn log(&self) -> String {
        self.server().log()
    }

    async fn change(&self, change: impl FnOnce(&mut Server) -> Result<()> + Send + 'static) -> Result<()> {
        let server = Arc::clone(&self.server);
        spawn_blocking(move || change(&mut server.lock())).await?
    }

    pub(crate) fn server(&self) -> MutexGuard<'_, Server> {
        self.server.lock()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if self.quiet {
            return;
        }
        // The harness shows what a test printed only when the test fails.
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        println!("--- the end of PostgreSQL's log\n{}", lines[lines.len().saturating_sub(40)..].join("\n"));
    }
}
