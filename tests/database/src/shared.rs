//! A database of a test's own on a server that all tests of a process share.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use tokio::sync::{Mutex, OnceCell};
use tokio_postgres::{Client, NoTls};
use waybill_local_postgres::LocalPostgres;
use waybill_postgres::{Database, ServerConfig};

use crate::home;

/// What the shared server is started with: nothing on it outlives the process.
const SETTINGS: [(&str, &str); 4] =
    [("fsync", "off"), ("full_page_writes", "off"), ("max_connections", "400"), ("autovacuum", "off")];

/// The role that tests connect as. It may do anything: tests look into everything.
const ROLE: &str = "postgres";

type Templates = Mutex<HashMap<&'static str, Arc<OnceCell<()>>>>;

/// A new database for one test, with what `fill` puts into the template of this name, which it does once in a process.
pub async fn database<F>(template: &'static str, fill: F) -> Result<ServerConfig>
where
    F: AsyncFnOnce(&Database) -> Result<()>,
{
    static TEMPLATES: std::sync::LazyLock<Templates> = std::sync::LazyLock::new(Templates::default);
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    // The cluster has databases of its own, named after the services.
    let name = format!("template_{template}");
    let filled = Arc::clone(TEMPLATES.lock().await.entry(template).or_default());
    filled
        .get_or_try_init(async || {
            execute(&format!("CREATE DATABASE {name}")).await?;
            let mut config = config(&name).await?;
            config.connections = 1;
            let database = Database::connect(config).await?;
            let outcome = fill(&database).await;
            database.close().await;
            outcome
        })
        .await?;
    let database = format!("{template}_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    execute(&format!("CREATE DATABASE {database} TEMPLATE {name}")).await?;
    config(&database).await
}

async fn config(database: &str) -> Result<ServerConfig> {
    let mut config = ServerConfig::at_socket(server().await?.socket_folder(), ROLE, database);
    config.connections = 4;
    Ok(config)
}

async fn server() -> Result<&'static LocalPostgres> {
    static SERVER: OnceCell<LocalPostgres> = OnceCell::const_new();
    SERVER
        .get_or_try_init(async || {
            tokio::task::spawn_blocking(|| {
                let folder = home::folder()?.join("shared");
                home::copy_cluster(&folder)?;
                Ok(LocalPostgres::start(&home::config(folder, &SETTINGS))?)
            })
            .await?
        })
        .await
}

/// Runs a statement that makes a database; one at a time, since a template must have no other user meanwhile.
async fn execute(sql: &str) -> Result<()> {
    static TURN: Mutex<()> = Mutex::const_new(());
    let _turn = TURN.lock().await;
    Ok(client().await?.batch_execute(sql).await?)
}

async fn client() -> Result<Client> {
    let mut config = tokio_postgres::Config::new();
    config.host_path(server().await?.socket_folder()).user(ROLE).dbname("postgres");
    let (client, connection) = config.connect(NoTls).await?;
    tokio::spawn(async move {
        // Ends with the client, whose next call reports the error.
        let _ = connection.await;
    });
    Ok(client)
}
