//! The servers that settings name.

use waybill_postgres::ServerConfig;

use crate::settings::{ComponentName, DatabaseSettings, Secret};

pub(super) fn server(url: &Secret, settings: &DatabaseSettings) -> anyhow::Result<ServerConfig> {
    let mut config = ServerConfig::new(url.expose())?;
    config.connections = settings.database_connections as usize;
    Ok(config)
}

/// The setting that names the server of a database.
pub fn setting(name: ComponentName) -> &'static str {
    match name {
        ComponentName::Orders => "ORDERS_DATABASE_URL",
        ComponentName::Invoices => "INVOICES_DATABASE_URL",
    }
}

pub(super) fn url(name: ComponentName, settings: &DatabaseSettings) -> Option<&Secret> {
    match name {
        ComponentName::Orders => settings.orders_database_url.as_ref(),
        ComponentName::Invoices => settings.invoices_database_url.as_ref(),
    }
}
