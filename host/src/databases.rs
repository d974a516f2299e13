//! Opening the databases that the settings name: servers, or the embedded ones.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use waybill_postgres::{Database, EmbeddedConfig, ServerConfig, SessionSettings};

use crate::{
    migrate,
    settings::{ComponentName, DatabaseSettings, Secret, Token, WebhooksSettings},
};

/// The setting of a session by which the invoices component knows the token of `POST /events`.
const EVENTS_TOKEN: &str = "waybill.events_token";

/// The setting of a session by which the invoices component knows that endpoints of webhooks may have private addresses.
const WEBHOOKS_ALLOW_PRIVATE: &str = "waybill.webhooks_allow_private";

/// Opens the database of one service. A server must answer now: a wrong URL should be seen at the start.
pub async fn open(name: ComponentName, settings: &DatabaseSettings) -> anyhow::Result<Database> {
    open_with(name, settings, SessionSettings::default()).await
}

async fn open_with(
    name: ComponentName,
    settings: &DatabaseSettings,
    session_settings: SessionSettings,
) -> anyhow::Result<Database> {
    let Some(url) = url(name, settings) else {
        let mut config = EmbeddedConfig::folder(settings.data.join(name.as_str()));
        config.session_settings = session_settings;
        return Ok(Database::open_embedded(config).await?);
    };
    server(url, settings, session_settings).await.context(setting(name))
}

/// What the sessions of the invoices database are told: the token that `POST /events` asks for, and whether webhooks may go to
/// private addresses.
pub fn told(token: Option<&Token>, webhooks: WebhooksSettings) -> SessionSettings {
    let mut settings = SessionSettings::default();
    if let Some(token) = token {
        settings.set(EVENTS_TOKEN, token.expose());
    }
    if webhooks.webhooks_allow_private {
        settings.set(WEBHOOKS_ALLOW_PRIVATE, "on");
    }
    settings
}

/// How long one statement of a command may take that reads large parts of a database.
const READ_LIMIT: Duration = Duration::from_mins(1);

/// Opens the database of one service to read much of it. It must have this version's schema.
pub async fn open_to_read(name: ComponentName, settings: &DatabaseSettings) -> anyhow::Result<Database> {
    let database = if let Some(url) = url(name, settings) {
        let mut config = ServerConfig::new(url.expose()).context(setting(name))?;
        (config.connections, config.statement_limit) = (1, READ_LIMIT);
        Database::connect(config).await.context(setting(name))?
    } else {
        let folder = settings.data.join(name.as_str());
        // To open it would make an empty one, and whoever wants to read has then named the wrong folder.
        ensure!(
            folder.is_dir(),
            "there is no {} database in {}; name its folder with --data, or its server with {}",
            name.as_str(),
            settings.data.display(),
            setting(name),
        );
        let mut config = EmbeddedConfig::folder(folder);
        config.statement_limit = READ_LIMIT;
        Database::open_embedded(config).await?
    };
    migrate::check(&database, name).await?;
    Ok(database)
}

/// Opens the database of one service to look after its keys. A server must have this version's schema. An embedded one is
/// brought to it, as `waybill up` would: keys are made before that is started.
pub async fn open_for_keys(name: ComponentName, settings: &DatabaseSettings) -> anyhow::Result<Database> {
    let Some(url) = url(name, settings) else {
        return open_migrated(name, settings, SessionSettings::default()).await.with_context(|| {
            format!("the keys of {} are in its embedded database, which has one user", name.as_str())
        });
    };
    let mut config = ServerConfig::new(url.expose()).context(setting(name))?;
    config.connections = 1;
    let database = Database::connect(config).await.context(setting(name))?;
    migrate::check(&database, name).await?;
    Ok(database)
}

/// Whether the settings name a database of this service that exists: a server, or an embedded one that was made before.
pub fn is_there(name: ComponentName, settings: &DatabaseSettings) -> bool {
    url(name, settings).is_some() || settings.data.join(name.as_str()).is_dir()
}

/// Opens the database of one service, whose sessions are told `session_settings`, and brings it to this version's schema.
pub async fn open_migrated(
    name: ComponentName,
    settings: &DatabaseSettings,
    session_settings: SessionSettings,
) -> anyhow::Result<Database> {
    let database = open_with(name, settings, session_settings).await?;
    for file in migrate::apply(&database, name, &migrate::migrations(name)).await? {
        tracing::info!("applied migrations/{}/{file}", name.as_str());
    }
    Ok(database)
}

/// Opens the database of a role that runs in a process of its own, in any number of copies. It needs a server, for an
/// embedded database has one process, and it does not migrate: that is done once, before. Its sessions are told
/// `session_settings`.
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
    let database = server(url, settings, session_settings).await.context(variable)?;
    migrate::check(&database, name).await?;
    Ok(database)
}

async fn server(
    url: &Secret,
    settings: &DatabaseSettings,
    session_settings: SessionSettings,
) -> anyhow::Result<Database> {
    let mut config = ServerConfig::new(url.expose())?;
    config.session_settings = session_settings;
    config.connections = settings.database_connections as usize;
    Ok(Database::connect(config).await?)
}

/// The setting that names the server of a database.
pub fn setting(name: ComponentName) -> &'static str {
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
