use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use futures::FutureExt as _;
use notify::{EventKind, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{DebounceEventResult, Debouncer, RecommendedCache, new_debouncer};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, timeout_at};

use super::builds::Builds;
use super::sources::is_source;
use super::watches::{changed_since, folders};
use crate::databases::migrate;

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
    new_folders: Arc<Notify>,
    roots: Arc<Roots>,
    debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
}

impl Changes {
    /// Watches these files and folders of `source`, and its migrations if they are those of this program. `builds` hears of those.
    pub(super) fn watch(source: &Path, watched: &[PathBuf], builds: Builds) -> anyhow::Result<Self> {
        let (sender, changed) = watch::channel(PathBuf::new());
        let new_folders = Arc::new(Notify::new());
        let migrations = source.join(MIGRATIONS);
        let roots = Arc::new(Roots {
            source: source.to_owned(),
            watched: watched.to_vec(),
            migrations: migrate::is_own_folder(&migrations).then_some(migrations),
        });
        let handler = {
            let (roots, new_folders) = (roots.clone(), new_folders.clone());
            move |events: DebounceEventResult| roots.handle(events, &sender, &new_folders, &builds)
        };
        let debouncer = new_debouncer(ONE_SAVE, None, handler)?;
        let mut watching = Self { changed, new_folders, roots, debouncer };
        watching.watch_folders()?;
        Ok(watching)
    }

    /// Waits for a change, and until nothing has changed for a moment. It may have come before this call. `None` if what watches has ended.
    pub(super) async fn next(&mut self) -> Option<PathBuf> {
        self.changed.changed().await.ok()?;
        let end = Instant::now() + LONGEST_BURST;
        while let Ok(seen) = timeout_at(end.min(Instant::now() + QUIET), self.changed.changed()).await {
            seen.ok()?;
        }
        // What is written into a new folder before it is watched is seen by nobody, but the build that follows reads it.
        if self.new_folders.notified().now_or_never().is_some()
            && let Err(error) = self.watch_folders()
        {
            tracing::warn!("some changes of the sources may not be seen: {error:#}");
        }
        Some(self.changed.borrow_and_update().clone())
    }

    /// Watches the folders that there are now. To watch one again is harmless, and needed if it was removed in between.
    fn watch_folders(&mut self) -> anyhow::Result<()> {
        let paths = self.roots.watched.iter().chain(&self.roots.migrations);
        for folder in folders(paths, &self.roots.source) {
            match self.debouncer.watch(&folder, RecursiveMode::NonRecursive) {
                // Removed since it was found.
                Err(_) if !folder.exists() => {}
                watched => watched.map_err(|error| unwatched(&folder, &error))?,
            }
        }
        Ok(())
    }
}

struct Roots {
    source: PathBuf,
    watched: Vec<PathBuf>,
    migrations: Option<PathBuf>,
}

impl Roots {
    fn handle(
        &self,
        events: DebounceEventResult,
        changed: &watch::Sender<PathBuf>,
        new_folders: &Notify,
        builds: &Builds,
    ) {
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
                new_folders.notify_one();
                if let Some(path) = self.rescan(builds) {
                    changed.send_replace(path);
                }
            }
            for path in &event.paths {
                if path.is_dir() {
                    new_folders.notify_one();
                }
                if self.is_source(path) {
                    changed.send_replace(path.clone());
                } else if let Some(file) = self.migration(path) {
                    tracing::warn!("{file} changed: {NEW_MIGRATION}");
                    builds.note_migration(&file);
                }
            }
        }
    }

    /// What may have changed when changes were dropped. A build writes so many files that it may be the cause of it: while one runs, only a
    /// source that is newer than its beginning counts, or each build could lead to the next.
    fn rescan(&self, builds: &Builds) -> Option<PathBuf> {
        match builds.now().running_since {
            Some(since) => changed_since(&self.watched, since),
            None => self.watched.first().cloned(),
        }
    }

    /// Whether a build may read this path, or what will be below it.
    fn is_source(&self, path: &Path) -> bool {
        self.watched.iter().any(|root| {
            path.strip_prefix(root).is_ok_and(is_source) || root.starts_with(path) && path.is_dir()
        })
    }

    fn migration(&self, path: &Path) -> Option<String> {
        let below = path.strip_prefix(self.migrations.as_ref()?).ok()?;
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
    use std::fs;

    use notify::Event;
    use notify::event::{AccessKind, CreateKind, Flag, ModifyKind};
    use notify_debouncer_full::DebouncedEvent;

    use super::*;

    const MODIFIED: EventKind = EventKind::Modify(ModifyKind::Any);

    /// What a handler makes of an event: the change, if it is one, and whether folders are to be watched.
    struct Handled {
        here: tempfile::TempDir,
        roots: Roots,
        builds: Builds,
    }

    impl Handled {
        fn new() -> Self {
            let here = tempfile::tempdir().unwrap();
            let source = here.path().to_owned();
            fs::create_dir_all(source.join("src/deep")).unwrap();
            fs::write(source.join("src/version"), "").unwrap();
            let (watched, migrations) = (vec![source.join("src")], Some(source.join(MIGRATIONS)));
            Self { here, roots: Roots { source, watched, migrations }, builds: Builds::default() }
        }

        fn of(&self, event: Event) -> (Option<PathBuf>, bool) {
            let (sender, mut changed) = watch::channel(PathBuf::new());
            let new_folders = Notify::new();
            let events = vec![DebouncedEvent::new(event, std::time::Instant::now())];
            self.roots.handle(Ok(events), &sender, &new_folders, &self.builds);
            let has_changed = changed.has_changed().unwrap();
            let path = has_changed.then(|| changed.borrow_and_update().clone());
            (path, new_folders.notified().now_or_never().is_some())
        }

        fn of_path(&self, kind: EventKind, name: &str) -> (Option<PathBuf>, bool) {
            self.of(Event::new(kind).add_path(self.here.path().join(name)))
        }
    }

    #[test]
    fn a_source_is_a_change_and_what_is_none_is_none() {
        let handled = Handled::new();
        let saved = handled.here.path().join("src/version");
        assert_eq!(handled.of_path(MODIFIED, "src/version"), (Some(saved), false));
        for name in [
            "target/out.o",
            "src/target/out.o",
            "src/.version.swp",
            "src/version~",
            "src/4913",
            "unwatched.txt",
        ] {
            assert_eq!(handled.of_path(MODIFIED, name), (None, false), "{name}");
        }
        assert_eq!(handled.of_path(EventKind::Access(AccessKind::Any), "src/version"), (None, false));
    }

    #[test]
    fn a_migration_is_reported_and_no_change() {
        let handled = Handled::new();
        assert_eq!(handled.of_path(MODIFIED, "migrations/V99__notes.sql"), (None, false));
        assert_eq!(handled.builds.now().migration.unwrap(), "migrations/V99__notes.sql");
    }

    #[test]
    fn a_new_folder_is_watched() {
        let handled = Handled::new();
        let made = EventKind::Create(CreateKind::Folder);
        for name in ["src", "src/deep"] {
            assert_eq!(handled.of_path(made, name), (Some(handled.here.path().join(name)), true), "{name}");
        }
    }

    #[test]
    fn dropped_events_lead_to_a_build_but_during_one_only_if_a_source_is_newer() {
        let mut handled = Handled::new();
        let rescan = || Event::new(EventKind::Other).set_flag(Flag::Rescan);
        let root = handled.here.path().join("src");
        assert_eq!(handled.of(rescan()), (Some(root), true));
        let version = handled.here.path().join("src/version");
        handled.roots.watched = vec![version.clone()];
        handled.builds.begin_at(fs::metadata(&version).unwrap().modified().unwrap() + Duration::from_secs(1));
        assert_eq!(handled.of(rescan()), (None, true));
        handled.builds.begin_at(fs::metadata(&version).unwrap().modified().unwrap());
        assert_eq!(handled.of(rescan()), (Some(version), true));
    }

    #[tokio::test]
    async fn the_end_of_what_watches_is_no_change() {
        let handled = Handled::new();
        let roots = &handled.roots;
        let mut watching = Changes::watch(&roots.source, &roots.watched, Builds::default()).unwrap();
        let (sender, changed) = watch::channel(PathBuf::new());
        watching.changed = changed;
        sender.send_replace(roots.source.clone());
        drop(sender);
        assert_eq!(timeout_at(Instant::now() + LONGEST_BURST * 2, watching.next()).await, Ok(None));
    }
}
