//! The databases of the services: on the servers that settings name, or on the PostgreSQL that this program runs.

mod local;
pub mod migrate;
mod named;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use waybill_postgres::{Database, SessionSettings};

pub use self::local::{Databases, exists, programs};
pub use self::named::setting;
use self::named::{ensure_two, server, url};
use crate::help::{Explained, Topic};
use crate::settings::{ComponentName, DatabaseSettings, Token, WebhooksSettings};

/// The session setting that holds the token of `POST /events`.
const EVENTS_TOKEN: &str = "waybill.events_token";

/// The session setting that allows webhook endpoints to have private addresses.
const WEBHOOKS_ALLOW_PRIVATE: &str = "waybill.webhooks_allow_private";

/// The timeout of a statement that reads large parts of a database.
const READ_LIMIT: Duration = Duration::from_mins(1);

pub fn invoices_session_settings(token: Option<&Token>, webhooks: WebhooksSettings) -> SessionSettings {
    let mut settings = SessionSettings::default();
    if let Some(token) = token {
        settings.set(EVENTS_TOKEN, token.expose());
    }
    if webhooks.webhooks_allow_private {
        settings.set(WEBHOOKS_ALLOW_PRIVATE, "on");
    }
    settings
}

impl Databases {
    /// Opens the database of one service and migrates it. A server must answer now, so that a wrong URL is reported at the start.
    pub async fn open_migrated(
        &self,
        name: ComponentName,
        session_settings: SessionSettings,
    ) -> anyhow::Result<Database> {
        let mut config = self.config(name)?;
        config.session_settings = session_settings;
        let database = Database::connect(config).await.context(setting(name))?;
        for file in migrate::apply(&database, name, &migrate::migrations(name)).await? {
            tracing::info!("applied migrations/{}/{file}", name.as_str());
        }
        Ok(database)
    }

    /// Opens the database of one service with one connection, whatever its schema.
    pub async fn open(&self, name: ComponentName) -> anyhow::Result<Database> {
        let mut config = self.config(name)?;
        config.connections = 1;
        Database::connect(config).await.context(setting(name))
    }

    /// Opens the database of one service to read much of it, for which a standby does. It must have this version's schema.
    pub async fn open_to_read(&self, name: ComponentName) -> anyhow::Result<Database> {
        let mut config = self.config(name)?;
        (config.connections, config.statement_limit, config.writes) = (1, READ_LIMIT, false);
        let database = Database::connect(config).await.context(setting(name))?;
        migrate::check(&database, name).await?;
        Ok(database)
    }

    /// Opens the database of one service for a command that changes it. A server must have this version's schema. The local one is
    /// migrated, as `waybill up` does: keys and the seller may be set before its first start.
    pub async fn open_to_change(&self, name: ComponentName) -> anyhow::Result<Database> {
        let database = self.open(name).await?;
        if self.is_local(name) {
            migrate::apply(&database, name, &migrate::migrations(name)).await?;
        } else {
            migrate::check(&database, name).await?;
        }
        Ok(database)
    }
}

/// Opens the database of a role that runs in any number of processes. It needs a server, and does not migrate it: `waybill migrate`
/// does, once.
pub async fn open_shared(
    name: ComponentName,
    settings: &DatabaseSettings,
    session_settings: SessionSettings,
) -> anyhow::Result<Database> {
    ensure_two(settings)?;
    let variable = setting(name);
    let url = url(name, settings).with_context(|| {
        let name = name.as_str();
        format!(
            "{variable} is not set, and this role shares its database with other processes; \
             an example is postgresql://user:password@localhost:5432/{name}"
        )
    })?;
    let mut config = server(url, settings).context(variable)?;
    config.session_settings = session_settings;
    let database = Database::connect(config).await.context(variable)?;
    migrate::check(&database, name).await?;
    Ok(database)
}

/// Fails if the settings name no database that exists.
pub fn ensure_exists(name: ComponentName, settings: &DatabaseSettings) -> anyhow::Result<()> {
    // To open it would create an empty one, but a reader who finds none has named the wrong folder.
    ensure!(exists(name, settings), missing(&format!("{} database", name.as_str()), setting(name), settings));
    Ok(())
}

/// That the data folder has no such database, and how the right one is named.
pub fn missing(what: &str, servers: &str, settings: &DatabaseSettings) -> Explained {
    Topic::NoDatabase.says(format_args!(
        "there is no {what} in {}; run this in the folder in which `waybill up` runs, or name its data folder, for example \
         --data /path/.waybill, or its server with {servers}",
        settings.data.display(),
    ))
}
