//! `PgBouncer` before the server: sessions of one's own, or a refusal.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "servers/support.rs"]
mod support;

use std::fs;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use support::{chain, one, until};
use tempfile::TempDir;
use waybill_contracts::sql::SqlValue;
use waybill_postgres::{Database, ServerConfig};
use waybill_test_database::Server;

/// A `PgBouncer` of the test's own.
struct Pooler {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Pooler {
    /// `None` if it is not installed.
    async fn start(server: &Server, mode: &str, pool_size: usize) -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("pooler-").tempdir_in("/tmp").unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (host, server_port) =
            server.address().split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        fs::write(folder.path().join("users.txt"), "\"postgres\" \"geheim\"\n").unwrap();
        let config = format!(
            "[databases]\norders = host={host} port={server_port}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = trust\nauth_file = users.txt\npool_mode = {mode}\ndefault_pool_size = {pool_size}\n"
        );
        fs::write(folder.path().join("pgbouncer.ini"), config).unwrap();
        let owner = fs::metadata(server.data()).unwrap();
        std::os::unix::fs::chown(folder.path(), Some(owner.uid()), Some(owner.gid())).unwrap();
        let mut command = Command::new("pgbouncer");
        command.arg("pgbouncer.ini").current_dir(folder.path());
        // It refuses to be root, as the server does.
        command.uid(owner.uid()).gid(owner.gid()).stdout(Stdio::null()).stderr(Stdio::null());
        let process = match command.spawn() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                assert!(std::env::var_os("CI").is_none(), "under CI pgbouncer is installed");
                println!("SKIPPED: pgbouncer is not installed");
                return None;
            }
            process => process.unwrap(),
        };
        let pooler = Self { process, port, _folder: folder };
        until("PgBouncer", async || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
        Some(pooler)
    }

    fn config(&self) -> ServerConfig {
        let url = format!("postgresql://postgres:geheim@127.0.0.1:{}/orders?sslmode=disable", self.port);
        ServerConfig::new(&url).unwrap()
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_a_pooler_shares_are_refused_before_anything_is_sent() {
    let server = Server::start().unwrap();
    for mode in ["transaction", "statement"] {
        for pool_size in [1, 5] {
            let Some(pooler) = Pooler::start(&server, mode, pool_size).await else { return };
            let mut config = pooler.config();
            config.session_settings.set("waybill.events_token", "geheim");
            for _ in 0..3 {
                let error = Database::connect(config.clone()).await.err().expect("it is refused");
                let error = chain(error);
                assert!(
                    error.contains("pool_mode = session") && !error.contains("geheim"),
                    "{mode}: {error}"
                );
            }
            // One that comes up in the background says so too.
            let lazy = Database::connect_lazily(config);
            until("the refusal", async || {
                lazy.health().is_err_and(|reason| reason.contains("pool_mode = session"))
            })
            .await;
            assert_eq!(lazy.load().opened, 0);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_in_session_mode_is_taken() {
    let server = Server::start().unwrap();
    let Some(pooler) = Pooler::start(&server, "session", 20).await else { return };
    let mut config = pooler.config();
    config.session_settings.set("waybill.test", "kept");
    let database = Database::connect(config).await.unwrap();
    until("all connections", async || database.load().connections == 8).await;
    let setting = one(&database, "SELECT current_setting('waybill.test')", &[]).await;
    assert_eq!(setting, Ok(SqlValue::Text("kept".to_owned())));
    let session = database.session().await.unwrap();
    session.batch_execute("SELECT pg_advisory_lock(7)").await.unwrap();
    database.close().await;
}

/// The only session that the pooler has is ours, so it cannot be another's: a second one is not to be had.
#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_without_a_second_session_is_taken() {
    let server = Server::start().unwrap();
    let Some(pooler) = Pooler::start(&server, "session", 1).await else { return };
    let mut config = pooler.config();
    (config.connections, config.connect_limit) = (1, Duration::from_secs(1));
    let database = Database::connect(config).await.unwrap();
    assert_eq!(one(&database, "SELECT 1", &[]).await, Ok(SqlValue::Int4(1)));
}

/// The probe of a connection that is at work asks whether a new one is answered, and the pooler has none to give.
#[tokio::test(flavor = "multi_thread")]
async fn a_pooler_whose_sessions_are_all_in_use_is_not_taken_for_a_server_that_stands_still() {
    let server = Server::start().unwrap();
    let Some(pooler) = Pooler::start(&server, "session", 1).await else { return };
    let mut config = pooler.config();
    (config.connections, config.connect_limit) = (1, Duration::from_secs(1));
    config.statement_limit = Duration::from_mins(1);
    let database = Database::connect(config.clone()).await.unwrap();
    let (long, refused) =
        tokio::join!(one(&database, "SELECT 1 FROM pg_sleep(12)", &[]), Database::connect(config));
    assert_eq!(long, Ok(SqlValue::Int4(1)));
    let refused = chain(refused.err().expect("there is no second session"));
    assert!(refused.contains("all its connections to the server are in use"), "{refused}");
}
