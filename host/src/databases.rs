//! Opening the databases that the settings name: servers, or the embedded ones.

use anyhow::Context as _;
use waybill_postgres::{Database, EmbeddedConfig, ServerConfig};

use crate::{
    migrate,
    settings::{ComponentName, DatabaseSettings, Secret},
};

/// Opens the database of one service. A server must answer now: a wrong URL should be seen at the start.
pub async fn open(name: ComponentName, settings: &DatabaseSettings) -> anyhow::Result<Database> {
    match url(name, settings) {
        Some(url) => server(url, settings).await.context(setting(name)),
        None => Ok(Database::open_embedded(EmbeddedConfig::folder(settings.data.join(name.as_str()))).await?),
    }
}

/// Opens the database of one service and brings it to this version's schema.
pub async fn open_migrated(name: ComponentName, settings: &DatabaseSettings) -> anyhow::Result<Database> {
    let database = open(name, settings).await?;
    for file in migrate::apply(&database, name, &migrate::migrations(name)).await? {
        tracing::info!("applied migrations/{}/{file}", name.as_str());
    }
    Ok(database)
}

/// Opens the database of a role that runs in a process of its own, in any number of copies. It needs a server, for an
/// embedded database has one process, and it does not migrate: that is done once, before.
pub async fn open_shared(name: ComponentName, settings: &DatabaseSettings) -> anyhow::Result<Database> {
    let variable = setting(name);
    let url = url(name, settings).with_context(|| {
        let (flag, name) = (variable.to_lowercase().replace('_', "-"), name.as_str());
        format!(
            "{variable} (--{flag}) is not set, and this role shares its database with other processes; \
             an example is postgresql://user:password@localhost:5432/{name}"
        )
    })?;
    let database = server(url, settings).await.context(variable)?;
    migrate::check(&database, name).await?;
    Ok(database)
}

async fn server(url: &Secret, settings: &DatabaseSettings) -> anyhow::Result<Database> {
    let mut config = ServerConfig::new(url.expose())?;
    config.connections = settings.database_connections as usize;
    Ok(Database::connect(config).await?)
}

/// The setting that names the server of a database.
fn setting(name: ComponentName) -> &'static str {
    match name {
        ComponentName::Orders => "ORDERS_DATABASE_URL",
        ComponentName::Invoices => "INVOICES_DATABASE_URL",
    }
}

fn url(name: ComponentName, settings: &DatabaseSettings) -> Option<&Secret> {
    match name {
        ComponentName::Orders => settings.orders_database_url.as_ref(),
        ComponentName::Invoices => settings.invoices_database_url.as_ref(),
    }
}
