//! A PostgreSQL cluster from the system's package, with its own folder and port.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{env, fs, thread};

use anyhow::{Context, Result, bail, ensure};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};

use crate::rabbit::lasting_ports;
use crate::{Process, Signal, WaybillConfig, eventually, skip};

/// How long a cluster may take to start. After a kill it recovers, and the kernel may keep its old backends, and with
/// them its shared memory, for a while.
const START_LIMIT: Duration = Duration::from_mins(1);

/// How long a stop in order may take.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// A cluster that runs, or that a test has stopped for now. Its data is durable: `fsync` is on.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    folder: TempDir,
    account: Option<Account>,
    port: u16,
    server: Option<Child>,
    quiet: bool,
}

/// The account that owns the server's files: PostgreSQL refuses to run as root.
#[derive(Clone, Copy, Debug)]
struct Account {
    user: u32,
    group: u32,
}

impl Postgres {
    /// Starts a new cluster with the empty databases `orders` and `invoices`. None, and the test is reported as skipped,
    /// where PostgreSQL is not installed.
    pub async fn start() -> Result<Option<Self>> {
        let Some(programs) = programs() else {
            skip("PostgreSQL is not installed");
            return Ok(None);
        };
        let folder = tempfile::Builder::new().prefix("waybill-postgres-").tempdir()?;
        let account = account()?;
        if let Some(account) = account {
            std::os::unix::fs::chown(folder.path(), Some(account.user), Some(account.group))?;
        }
        let [port] = lasting_ports()?;
        let mut postgres = Self { programs, folder, account, port, server: None, quiet: false };
        postgres.initialise().await?;
        postgres.restart().await?;
        for database in ["orders", "invoices"] {
            postgres.client("postgres").await?.batch_execute(&format!("CREATE DATABASE {database}")).await?;
        }
        Ok(Some(postgres))
    }

    /// The same with both schemas, which the program itself applies.
    pub async fn start_migrated() -> Result<Option<Self>> {
        let Some(postgres) = Self::start().await? else { return Ok(None) };
        let migrate = WaybillConfig::command(["migrate"], postgres.folder.path()).databases(&postgres);
        let migrated = Process::run(&migrate).await?;
        ensure!(migrated.status.success(), "{}", migrated.stderr);
        Ok(Some(postgres))
    }

    /// The URL of one of its databases.
    pub fn url(&self, database: &str) -> String {
        self.url_at(self.port, database)
    }

    /// The URL of one of its databases by way of another port, such as a proxy's.
    pub fn url_at(&self, port: u16, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{port}/{database}?sslmode=disable")
    }

    /// The address that it listens on.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its process, which has started all others of the server.
    pub fn id(&self) -> Result<u32> {
        self.server.as_ref().and_then(Child::id).context("PostgreSQL does not run")
    }

    /// A client of one of its databases, for checks beside the system under test.
    pub async fn client(&self, database: &str) -> Result<Client> {
        let (client, connection) = tokio_postgres::connect(&self.url(database), NoTls).await?;
        tokio::spawn(async move {
            // Ends with the client, or with a server that a test stops; the client's next call tells.
            let _ = connection.await;
        });
        Ok(client)
    }

    /// A number that a statement yields, such as a count.
    pub async fn number(&self, database: &str, sql: &str) -> Result<i64> {
        let row = self.client(database).await?.query_one(sql, &[]).await.with_context(|| sql.to_owned())?;
        Ok(row.try_get(0)?)
    }

    /// Stops it as an administrator would: sessions are ended, everything is written.
    pub async fn stop(&mut self) -> Result<()> {
        let Some(mut server) = self.server.take() else { return Ok(()) };
        Signal::Int.send(server.id().context("PostgreSQL has already ended")?)?;
        timeout(STOP_LIMIT, server.wait()).await.context("PostgreSQL did not stop in time")??;
        Ok(())
    }

    /// Kills it (SIGKILL): nothing is written any more.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut server) = self.server.take() {
            server.kill().await?;
        }
        Ok(())
    }

    /// Starts it again on the same data and port, and waits until it answers.
    pub async fn restart(&mut self) -> Result<()> {
        ensure!(self.server.is_none(), "PostgreSQL is still running");
        let deadline = tokio::time::Instant::now() + START_LIMIT;
        loop {
            let mut server = self.spawn()?;
            let answered = eventually("PostgreSQL answers", START_LIMIT, async || {
                if let Some(status) = server.try_wait()? {
                    return Ok(Some(Err(status)));
                }
                let client = self.client("postgres").await?;
                client.simple_query("SELECT 1").await?;
                Ok(Some(Ok(())))
            });
            match answered.await? {
                Ok(()) => {
                    self.server = Some(server);
                    return Ok(());
                }
                // The remains of a killed server are still there: it refuses to start beside them, so try again.
                Err(_) if tokio::time::Instant::now() < deadline => {}
                Err(status) => bail!("PostgreSQL ended at its start ({status}):\n{}", self.log()),
            }
        }
    }

    /// Keeps its log to itself at the end, for programs that are no tests.
    pub fn keep_quiet(&mut self) {
        self.quiet = true;
    }

    /// What the server logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }

    async fn initialise(&self) -> Result<()> {
        let mut command = self.program("initdb");
        command.args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]);
        command.arg("--pgdata").arg(self.data());
        let output = command.output().await.context("initdb could not be started")?;
        ensure!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    fn spawn(&self) -> Result<Child> {
        let log = File::options().create(true).append(true).open(self.log_file())?;
        let port = format!("port={}", self.port);
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data());
        for setting in ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=on", &port] {
            command.args(["-c", setting]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        command.spawn().context("postgres could not be started")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.env("LC_ALL", "C").current_dir(self.folder.path());
        if let Some(account) = self.account {
            command.uid(account.user).gid(account.group);
        }
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn log_file(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if !self.quiet {
            // The harness shows what a test printed only when the test fails.
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            println!(
                "--- the end of PostgreSQL's log\n{}",
                lines[lines.len().saturating_sub(40)..].join("\n")
            );
        }
        let Some(mut server) = self.server.take() else { return };
        // SIGINT, so that its backends and its shared memory go with it. A server that takes longer ends on its own.
        if let Some(pid) = server.id()
            && Signal::Int.send(pid).is_ok()
        {
            for _ in 0..200 {
                if !matches!(server.try_wait(), Ok(None)) {
                    return;
                }
                thread::sleep(Duration::from_millis(10));
            }
        }
        let _ = server.start_kill();
    }
}

/// The folder of PostgreSQL's programs: Debian's newest version, or whatever is on the PATH.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .filter(|(_, folder): &(u32, PathBuf)| has_server(folder))
        .collect();
    versions.sort();
    let on_path = || env::split_paths(&env::var_os("PATH")?).find(|folder| has_server(folder));
    versions.pop().map(|(_, folder)| folder).or_else(on_path)
}

fn has_server(folder: &Path) -> bool {
    folder.join("postgres").exists() && folder.join("initdb").exists()
}

/// The account to run as: none unless this is root.
fn account() -> Result<Option<Account>> {
    let own = std::process::Command::new("id").arg("-u").output()?;
    if own.stdout.trim_ascii() != b"0" {
        return Ok(None);
    }
    let accounts = fs::read_to_string("/etc/passwd").context("/etc/passwd cannot be read")?;
    // The package's own account, or one that every system has and that owns nothing.
    for name in ["postgres", "nobody"] {
        let line = accounts.lines().find(|line| line.split(':').next() == Some(name));
        let fields: Vec<_> = line.unwrap_or_default().split(':').collect();
        if let [_, _, user, group, ..] = fields[..] {
            return Ok(Some(Account { user: user.parse()?, group: group.parse()? }));
        }
    }
    bail!("PostgreSQL does not run as root, and there is no account `postgres` or `nobody` to run it as");
}
