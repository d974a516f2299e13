use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::anyhow;
use notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::builds::Builds;
use super::sources::is_source;

/// How long what happens to one file is put together: editors write, rename and remove for one save.
const ONE_SAVE: Duration = Duration::from_millis(100);

/// How long nothing must change before a build: several files are saved one after the other.
const QUIET: Duration = Duration::from_millis(150);

/// The longest wait for that.
const LONGEST_BURST: Duration = Duration::from_secs(2);

/// The folder whose changes no build puts in place.
const MIGRATIONS: &str = "migrations";

/// Changes of the sources. Only the latest one is kept, since one build answers all of them.
pub(super) struct Changes {
    changed: watch::Receiver<PathBuf>,
    _debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
}

impl Changes {
    /// Watches these files and folders of `source`, and its migrations, of which `builds` hears.
    pub(super) fn watch(source: &Path, watched: &[PathBuf], builds: Builds) -> anyhow::Result<Self> {
        let (sender, changed) = watch::channel(PathBuf::new());
        let migrations = source.join(MIGRATIONS);
        let roots = Roots { watched: watched.to_vec(), migrations: migrations.clone() };
        let handler = move |events: DebounceEventResult| roots.handle(events, &sender, &builds);
        let mut debouncer = new_debouncer(ONE_SAVE, None, handler)?;
        let paths = watched.iter().chain(migrations.exists().then_some(&migrations));
        for (folder, mode) in folders(paths, source) {
            debouncer.watch(&folder, mode).map_err(|error| unwatched(&folder, &error))?;
        }
        Ok(Self { changed, _debouncer: debouncer })
    }

    /// Waits for a change, and until nothing has changed for a moment. It may have come before this call.
    pub(super) async fn next(&mut self) -> PathBuf {
        if self.changed.changed().await.is_err() {
            // What sends them lives as long as this does.
            std::future::pending::<()>().await;
        }
        let end = Instant::now() + LONGEST_BURST;
        while timeout_at(end.min(Instant::now() + QUIET), self.changed.changed()).await.is_ok() {}
        self.changed.borrow_and_update().clone()
    }
}

/// What to watch for these paths. Of a folder that is watched, the last mode counts, so each is named once.
fn folders<'a>(paths: impl Iterator<Item = &'a PathBuf>, source: &Path) -> BTreeMap<PathBuf, RecursiveMode> {
    let (whole, files): (Vec<&PathBuf>, Vec<&PathBuf>) = paths.partition(|path| path.is_dir());
    let mut folders: BTreeMap<_, _> =
        whole.iter().map(|folder| ((*folder).clone(), RecursiveMode::Recursive)).collect();
    for file in files {
        // An editor may put another file in a file's place, of which only the folder hears.
        let folder = file.parent().unwrap_or(source);
        if !whole.iter().any(|whole| folder.starts_with(whole)) {
            folders.insert(folder.to_owned(), RecursiveMode::NonRecursive);
        }
    }
    folders
}

struct Roots {
    watched: Vec<PathBuf>,
    migrations: PathBuf,
}

impl Roots {
    fn handle(&self, events: DebounceEventResult, changed: &watch::Sender<PathBuf>, builds: &Builds) {
        let events = match events {
            Ok(events) => events,
            Err(errors) => {
                for error in errors {
                    tracing::warn!("some changes of the sources may not be seen: {error}");
                }
                return;
            }
        };
        for event in events {
            // A build reads its sources.
            if matches!(event.kind, EventKind::Access(_)) {
                continue;
            }
            // The kernel has dropped some.
            if event.need_rescan() {
                changed.send_replace(self.watched.first().cloned().unwrap_or_default());
            }
            for path in &event.paths {
                if self.is_source(path) {
                    changed.send_replace(path.clone());
                } else if let Some(file) = self.migration(path) {
                    tracing::warn!("{file} changed: {NEW_MIGRATION}");
                    builds.note_migration(&file);
                }
            }
        }
    }

    fn is_source(&self, path: &Path) -> bool {
        self.watched.iter().any(|root| path.strip_prefix(root).is_ok_and(is_source))
    }

    fn migration(&self, path: &Path) -> Option<String> {
        let below = path.strip_prefix(&self.migrations).ok()?;
        let is_sql = below.extension().is_some_and(|extension| extension == "sql");
        (is_sql && is_source(below)).then(|| format!("{MIGRATIONS}/{}", below.display()))
    }
}

/// What to do about a migration that has changed.
pub(crate) const NEW_MIGRATION: &str = "migrations are in the program and are applied at its start, so end it, and start it with \
     `cargo xtask dev`, which builds it anew";

fn unwatched(path: &Path, error: &notify::Error) -> anyhow::Error {
    let remedy = match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "raise the limit, for example by `sysctl fs.inotify.max_user_watches=524288`, or "
        }
        _ => "",
    };
    anyhow!(
        "{} cannot be watched ({error}); {remedy}name what to watch by WAYBILL_WATCH (--watch), for example --watch src,wit",
        path.display()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_watched_as_a_whole_stays_so_beside_a_file_in_it() {
        let here = tempfile::tempdir().unwrap();
        let source = here.path();
        std::fs::create_dir_all(source.join("src/deep")).unwrap();
        for file in ["Cargo.toml", "src/lib.rs", "src/deep/a.rs"] {
            std::fs::write(source.join(file), "").unwrap();
        }
        let named = |names: &[&str]| names.iter().map(|name| source.join(name)).collect::<Vec<_>>();
        let found = folders(named(&["Cargo.toml", "src", "src/lib.rs", "src/deep/a.rs"]).iter(), source);
        let expected = [
            (source.to_owned(), RecursiveMode::NonRecursive),
            (source.join("src"), RecursiveMode::Recursive),
        ];
        assert_eq!(found, BTreeMap::from(expected));
    }
}
