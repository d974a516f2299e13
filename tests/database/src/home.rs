//! Where the data folders of tests are.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use waybill_local_postgres::{Config, Contents, LocalPostgres, Search};

/// How long an unused server may take to stop.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// The databases that a new cluster has.
pub(crate) const DATABASES: [&str; 2] = ["orders", "invoices"];

/// The programs that tests run: those that `cargo xtask test` names, or whatever the machine has.
pub(crate) fn search() -> Search {
    Search { named: env::var_os("WAYBILL_POSTGRES").map(PathBuf::from), ..Search::default() }
}

pub(crate) fn config(folder: PathBuf, settings: &[(&str, &str)]) -> Config {
    Config {
        folder,
        search: search(),
        contents: Contents { role: "waybill".to_owned(), databases: DATABASES.map(str::to_owned).to_vec() },
        settings: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
    }
}

/// A folder of this process's, which a later process removes once this one has ended. No test ends the servers that all
/// share, and what the harness ends with is no place to tidy up.
pub(crate) fn folder() -> Result<&'static Path> {
    static FOLDER: OnceLock<(PathBuf, File)> = OnceLock::new();
    if let Some((folder, _)) = FOLDER.get() {
        return Ok(folder);
    }
    let made = locked_folder(&root()?.join("processes"))?;
    Ok(&FOLDER.get_or_init(|| made).0)
}

/// A new folder in `parent`, and the lock that says that it is in use. Folders whose lock nobody holds are removed, so
/// a folder has to have its lock before another thread or process looks: they make theirs one after the other.
fn locked_folder(parent: &Path) -> Result<(PathBuf, File)> {
    fs::create_dir_all(parent)?;
    let making = File::create(parent.with_extension("making"))?;
    making.lock()?;
    remove_abandoned(parent);
    let folder = tempfile::Builder::new().prefix("").tempdir_in(parent)?.keep();
    let lock = File::create(folder.join("lock"))?;
    lock.lock()?;
    Ok((folder, lock))
}

fn remove_abandoned(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let folder = entry.path();
        let is_used = match File::open(folder.join("lock")) {
            Ok(lock) => matches!(lock.try_lock(), Err(TryLockError::WouldBlock)),
            // Its maker ended before its lock was there: makers come one after the other.
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        if !is_used {
            // Another process may be doing the same.
            let _ = fs::remove_dir_all(&folder);
        }
    }
}

/// The folder in the target folder that this program was built into.
fn root() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let profile = program
        .ancestors()
        .find(|folder| matches!(folder.file_name().and_then(OsStr::to_str), Some("debug" | "release")));
    Ok(profile.map_or_else(env::temp_dir, Path::to_owned).join("test-databases"))
}

/// Copies a cluster as `initdb` makes it, which is made once for each version: a copy takes a tenth of the time.
pub(crate) fn copy_cluster(to: &Path) -> Result<()> {
    let root = root()?;
    let version = search().find()?.version().to_owned();
    let template = root.join(format!("cluster-{version}"));
    fs::create_dir_all(&root)?;
    let lock = File::create(root.join(format!("cluster-{version}.making")))?;
    lock.lock()?;
    if !template.is_dir() {
        let making = root.join(format!("making-{version}"));
        let server = LocalPostgres::start(&config(making.clone(), &[]))?;
        ensure!(server.stop(STOP_LIMIT), "PostgreSQL did not stop within {STOP_LIMIT:?}");
        fs::rename(&making, &template)?;
    }
    drop(lock);
    copy(&template, to)
}

/// Copies a cluster whose server does not run, with owners and modes, which the standard library does not copy.
pub(crate) fn copy(cluster: &Path, to: &Path) -> Result<()> {
    let copied =
        Command::new("cp").arg("-a").arg(cluster).arg(to).status().context("cp could not be started")?;
    ensure!(copied.success(), "{} could not be copied", cluster.display());
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use std::thread;

    use super::*;

    #[test]
    fn folders_made_at_the_same_time_are_in_use_and_stay() {
        let parent = tempfile::tempdir().unwrap();
        let parent = parent.path().join("processes");
        let killed = parent.join("of-a-maker-that-was-killed");
        fs::create_dir_all(&killed).unwrap();
        for _ in 0..50 {
            let made = thread::scope(|scope| {
                let makers: Vec<_> =
                    (0..8).map(|_| scope.spawn(|| locked_folder(&parent).unwrap())).collect();
                makers.into_iter().map(|maker| maker.join().unwrap()).collect::<Vec<_>>()
            });
            for (folder, _) in &made {
                assert!(folder.join("lock").is_file(), "{}", folder.display());
            }
        }
        assert!(!killed.exists(), "{} has no lock, and is still there", killed.display());
        let left = fs::read_dir(&parent).unwrap().count();
        assert!(left <= 8, "{left} folders, though nobody holds those of the rounds before");
    }
}
