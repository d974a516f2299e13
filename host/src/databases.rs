//! Opening the databases that the settings name: servers, or the embedded ones.

use anyhow::Context as _;
use waybill_postgres::{Database, EmbeddedConfig, ServerConfig};

use crate::settings::{ComponentName, DatabaseSettings, SecretUrl};

/// Opens the database of one service. A server must answer now: a wrong URL should be seen at the start.
pub async fn open(name: ComponentName, settings: &DatabaseSettings) -> anyhow::Result<Database> {
    match url(name, settings) {
        Some(url) => server(url, settings).await.context(setting(name)),
        None => Ok(Database::open_embedded(EmbeddedConfig::folder(settings.data.join(name.as_str()))).await?),
    }
}

async fn server(url: &SecretUrl, settings: &DatabaseSettings) -> anyhow::Result<Database> {
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

fn url(name: ComponentName, settings: &DatabaseSettings) -> Option<&SecretUrl> {
    match name {
        ComponentName::Orders => settings.orders_database_url.as_ref(),
        ComponentName::Invoices => settings.invoices_database_url.as_ref(),
    }
}
