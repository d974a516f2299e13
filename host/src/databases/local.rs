//! The PostgreSQL that this program runs, for services whose databases no setting names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail, ensure};
use waybill_local_postgres::{Config, Contents, Error, LocalPostgres, Origin, Search};
use waybill_postgres::ServerConfig;

use super::named::{ensure_two, server, setting, url};
use crate::settings::{ComponentName, DatabaseSettings};

/// Its folder in the data folder.
const FOLDER: &str = "postgres";

/// The role that owns the databases.
const ROLE: &str = "waybill";

/// Connections to each database: two databases share the 100 of the server, and leave some to commands that run beside.
const MOST_CONNECTIONS: u32 = 40;

/// A file that the databases of earlier versions have in their folders.
const FORMER_MARK: &str = ".oliphaunt.json";

const ALL: [ComponentName; 2] = [ComponentName::Orders, ComponentName::Invoices];

/// The databases of this process.
pub struct Databases {
    settings: DatabaseSettings,
    local: Option<Arc<LocalPostgres>>,
}

impl Databases {
    /// Starts PostgreSQL if a service has no server. No other process may use its folder.
    pub async fn start(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        Self::with(settings, &ALL, LocalPostgres::start).await
    }

    /// The databases of these services for a command. If a `waybill` runs on the folder, its PostgreSQL is used.
    pub async fn join(settings: &DatabaseSettings, names: &[ComponentName]) -> anyhow::Result<Self> {
        Self::with(settings, names, LocalPostgres::join).await
    }

    async fn with(
        settings: &DatabaseSettings,
        names: &[ComponentName],
        begin: fn(&Config) -> Result<LocalPostgres, Error>,
    ) -> anyhow::Result<Self> {
        ensure_two(settings)?;
        let settings = settings.clone();
        if names.iter().all(|name| url(*name, &settings).is_some()) {
            return Ok(Self { settings, local: None });
        }
        ensure!(
            settings.database_connections <= MOST_CONNECTIONS,
            "WAYBILL_DATABASE_CONNECTIONS (--database-connections) is {}, but the PostgreSQL that waybill runs has 100 connections, of \
             which each database may have {MOST_CONNECTIONS}; set for example --database-connections 8, or name servers with {} and {}",
            settings.database_connections,
            setting(ComponentName::Orders),
            setting(ComponentName::Invoices),
        );
        refuse_former(&settings.data)?;
        let (data, programs) = (settings.data.clone(), settings.postgres.clone());
        let local = tokio::task::spawn_blocking(move || {
            begin(&Config {
                folder: data.join(FOLDER),
                search: search(&data, programs)?,
                contents: Contents {
                    role: ROLE.to_owned(),
                    databases: ALL.map(|name| name.as_str().to_owned()).to_vec(),
                },
                settings: Vec::new(),
            })
        })
        .await??;
        Ok(Self { settings, local: Some(Arc::new(local)) })
    }

    /// The PostgreSQL that this program runs, if any.
    pub fn local(&self) -> Option<Arc<LocalPostgres>> {
        self.local.clone()
    }

    /// Which PostgreSQL runs and where its data is, for people.
    pub fn local_in_words(&self) -> Option<String> {
        let local = self.local.as_ref()?;
        let programs = local.programs();
        let origin = match programs.origin() {
            Origin::Named => "named by --postgres",
            Origin::Bundled => "inside this program",
            Origin::Installed => "installed",
            Origin::Fetched => "fetched",
        };
        let (folder, version) = (programs.folder().display(), programs.version());
        Some(format!("{} (PostgreSQL {version}, {origin}: {folder})", local.folder().display()))
    }

    /// Whether this database is on the PostgreSQL that this program runs.
    pub fn is_local(&self, name: ComponentName) -> bool {
        url(name, &self.settings).is_none()
    }

    pub(super) fn config(&self, name: ComponentName) -> anyhow::Result<ServerConfig> {
        match (url(name, &self.settings), &self.local) {
            (Some(url), _) => server(url, &self.settings).context(setting(name)),
            (None, Some(local)) => {
                let mut config = ServerConfig::at_socket(local.socket_folder(), ROLE, name.as_str());
                config.connections = self.settings.database_connections as usize;
                Ok(config)
            }
            (None, None) => bail!("{} is not set", setting(name)),
        }
    }
}

/// The programs that a local server is run by, in words. Those inside this program are not unpacked for it.
pub fn programs(settings: &DatabaseSettings) -> anyhow::Result<String> {
    if settings.postgres.is_none() && cfg!(feature = "bundled-postgres") {
        return Ok("inside this program".to_owned());
    }
    let search = Search { named: settings.postgres.clone(), ..Search::default() };
    Ok(search.find()?.to_string())
}

fn search(data: &Path, named: Option<PathBuf>) -> Result<Search, Error> {
    let bundled = if named.is_none() { bundled(data)? } else { None };
    Ok(Search { named, bundled, ..Search::default() })
}

/// Unpacks the programs inside this one, into the cache, or into the data folder if the cache is not writable.
#[cfg(feature = "bundled-postgres")]
fn bundled(data: &Path) -> Result<Option<PathBuf>, Error> {
    use waybill_local_postgres::bundle::unpack;
    use waybill_local_postgres::cache_folder;

    const ARCHIVE: &[u8] = include_bytes!(env!("WAYBILL_POSTGRES_ARCHIVE"));
    let cached = cache_folder().and_then(|cache| unpack(ARCHIVE, &cache).ok());
    cached.map_or_else(|| unpack(ARCHIVE, data), Ok).map(Some)
}

#[cfg(not(feature = "bundled-postgres"))]
#[expect(clippy::unnecessary_wraps, reason = "its twin may fail")]
fn bundled(_data: &Path) -> Result<Option<PathBuf>, Error> {
    Ok(None)
}

/// Whether the settings name a database of this service that exists: a server, or a local one that was created before.
pub fn exists(name: ComponentName, settings: &DatabaseSettings) -> bool {
    url(name, settings).is_some() || settings.data.join(FOLDER).is_dir()
}

/// The data of earlier versions is in another format, which only they can read.
fn refuse_former(data: &Path) -> anyhow::Result<()> {
    let former =
        ALL.map(|name| data.join(name.as_str())).into_iter().find(|folder| folder.join(FORMER_MARK).exists());
    if let Some(former) = former
        && !data.join(FOLDER).exists()
    {
        bail!(
            "{} has the data of an earlier version of waybill, which this version cannot read: choose another folder with \
             --data, or move {} away",
            former.display(),
            data.display()
        );
    }
    Ok(())
}
