//! The databases of the services: servers that the settings name, or a PostgreSQL of this program's own.

mod local;
pub mod migrate;
mod named;

use std::time::Duration;

use anyhow::{Context as _, ensure};
use waybill_postgres::{Database, SessionSettings};

pub use self::local::{Databases, is_there};
pub use self::named::setting;
use self::named::{server, url};
use crate::settings::{ComponentName, DatabaseSettings, Token, WebhooksSettings};

/// The setting of a session by which the invoices component knows the token of `POST /events`.
const EVENTS_TOKEN: &str = "waybill.events_token";

/// The setting of a session by which the invoices component knows that endpoints of webhooks may have private addresses.
const WEBHOOKS_ALLOW_PRIVATE: &str = "waybill.webhooks_allow_private";

/// How long one statement of a command may take that reads large parts of a database.
const READ_LIMIT: Duration = Duration::from_mins(1);

/// The session settings of the invoices database: the token that `POST /events` asks for, and whether webhooks may go to private
/// addresses.
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
    /// Opens the database of one service, and brings it to this version's schema. A server must answer now: a wrong URL should be
    /// seen at the start.
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

    /// Opens the database of one service to read much of it. It must have this version's schema.
    pub async fn open_to_read(&self, name: ComponentName) -> anyhow::Result<Database> {
        let mut config = self.config(name)?;
        (config.connections, config.statement_limit) = (1, READ_LIMIT);
        let database = Database::connect(config).await.context(setting(name))?;
        migrate::check(&database, name).await?;
        Ok(database)
    }

    /// Opens the database of one service to look after its keys. A server must have this version's schema. The own one is
    /// brought to it, as `waybill up` would: keys may be made before that is started.
    pub async fn open_for_keys(&self, name: ComponentName) -> anyhow::Result<Database> {
        let database = self.open(name).await?;
        if self.is_local(name) {
            migrate::apply(&database, name, &migrate::migrations(name)).await?;
        } else {
            migrate::check(&database, name).await?;
        }
        Ok(database)
    }
}

/// Opens the database of a role that runs in a process of its own, in any number of copies. It needs a server, and it does not
/// migrate: that is done once, before.
pub async fn open_shared(
    name: ComponentName,
    settings: &DatabaseSettings,
    session_settings: SessionSettings,
) -> anyhow::Result<Database> {
    let variable = setting(name);
    let url = url(name, settings).with_context(|| {
        let (flag, name) = (variable.to_lowercase().replace('_', "-"), name.as_str());
        format!(
            "{variable} (--{flag}) is not set, and this role shares its database with other processes; \
             an example is postgresql://user:password@localhost:5432/{name}"
        )
    })?;
    let mut config = server(url, settings).context(variable)?;
    config.session_settings = session_settings;
    let database = Database::connect(config).await.context(variable)?;
    migrate::check(&database, name).await?;
    Ok(database)
}

/// Says that there is nothing to read where the settings point.
pub fn ensure_there(name: ComponentName, settings: &DatabaseSettings) -> anyhow::Result<()> {
    // To open it would make an empty one, while a reader who finds none has named the wrong folder.
    ensure!(
        is_there(name, settings),
        "there is no {} database in {}; name its folder with --data, or its server with {}",
        name.as_str(),
        settings.data.display(),
        setting(name),
    );
    Ok(())
}
