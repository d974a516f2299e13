//! The PostgreSQL of this program's own, for the services whose databases no setting names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use waybill_local_postgres::{Config, Contents, Error, LocalPostgres, Origin, Search};
use waybill_postgres::ServerConfig;

use super::named::{server, setting, url};
use crate::settings::{ComponentName, DatabaseSettings};

/// The folder of its data, in the data folder.
const FOLDER: &str = "postgres";

/// The role that owns the databases.
const ROLE: &str = "waybill";

/// What the database of earlier versions, one for each service, left in its folder.
const FORMER_MARK: &str = ".oliphaunt.json";

const ALL: [ComponentName; 2] = [ComponentName::Orders, ComponentName::Invoices];

/// The databases of this process.
pub struct Databases {
    settings: DatabaseSettings,
    local: Option<Arc<LocalPostgres>>,
}

impl Databases {
    /// Starts the own PostgreSQL, if a service is without a server. Its folder must be in nobody else's use.
    pub async fn start(settings: &DatabaseSettings) -> anyhow::Result<Self> {
        Self::with(settings, &ALL, LocalPostgres::start).await
    }

    /// The databases of these services for a command: if a `waybill` runs on the folder, its PostgreSQL is used.
    pub async fn join(settings: &DatabaseSettings, names: &[ComponentName]) -> anyhow::Result<Self> {
        Self::with(settings, names, LocalPostgres::join).await
    }

    async fn with(
        settings: &DatabaseSettings,
        names: &[ComponentName],
        begin: fn(&Config) -> Result<LocalPostgres, Error>,
    ) -> anyhow::Result<Self> {
        let settings = settings.clone();
        if names.iter().all(|name| url(*name, &settings).is_some()) {
            return Ok(Self { settings, local: None });
        }
        refuse_former(&settings.data)?;
        let (data, programs) = (settings.data.clone(), settings.postgres.clone());
        let local = tokio::task::spawn_blocking(move || {
            let bundled = if programs.is_none() { bundled(&data)? } else { None };
            begin(&Config {
                folder: data.join(FOLDER),
                search: Search { named: programs, bundled, ..Search::default() },
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

    /// The own PostgreSQL, if there is one.
    pub fn local(&self) -> Option<Arc<LocalPostgres>> {
        self.local.clone()
    }

    /// Which PostgreSQL was taken and where its data is, for the person who started this program.
    pub fn local_in_words(&self) -> Option<String> {
        let local = self.local.as_ref()?;
        let programs = local.programs();
        let origin = match programs.origin() {
            Origin::Named => "named by --postgres",
            Origin::Bundled => "of this program",
            Origin::Installed => "of this machine",
            Origin::Fetched => "fetched",
        };
        let (folder, version) = (programs.folder().display(), programs.version());
        Some(format!("{} (PostgreSQL {version}, {origin}: {folder})", local.folder().display()))
    }

    pub(super) fn is_local(&self, name: ComponentName) -> bool {
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

/// The folder that the programs inside this one are in, once they are unpacked: into the cache, or where that cannot be written into
/// the data folder.
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

/// Whether the settings name a database of this service that exists: a server, or an own one that was made before.
pub fn is_there(name: ComponentName, settings: &DatabaseSettings) -> bool {
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
            "{} has the data of an earlier version of waybill, whose database this one does not have: choose another folder with \
             --data, or move {} away",
            former.display(),
            data.display()
        );
    }
    Ok(())
}
