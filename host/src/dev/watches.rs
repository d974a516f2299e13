use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::sources::{is_hidden, is_source};

/// How much older than the clock the times of files may be, which the kernel takes from its last tick.
const TICK: Duration = Duration::from_millis(20);

/// The folders to watch for these files and folders, each by itself: those below them in which there are sources, and those above them up
/// to `source`, which alone hear of a path that is removed and made again, or of a file that an editor puts in another's place.
pub(super) fn folders<'a>(paths: impl Iterator<Item = &'a PathBuf>, source: &Path) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for path in paths {
        for above in path.ancestors().skip(1).take_while(|above| above.starts_with(source)) {
            folders.insert(above.to_owned());
        }
        // A file that is named from elsewhere.
        if let Some(folder) = path.parent().filter(|_| !path.is_dir()) {
            folders.insert(folder.to_owned());
        }
        walk(path, &mut |entry| {
            if entry.is_dir() {
                folders.insert(entry.to_owned());
            }
        });
    }
    folders.retain(|folder| folder.is_dir());
    folders
}

/// A source below these paths that has changed since then, by the time that a rename sets too.
pub(super) fn changed_since(paths: &[PathBuf], then: SystemTime) -> Option<PathBuf> {
    let then = then.checked_sub(TICK)?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let then = (i64::try_from(then.as_secs()).ok()?, i64::from(then.subsec_nanos()));
    let mut changed = None;
    for root in paths {
        walk(root, &mut |entry| {
            let is_newer = |at: fs::Metadata| (at.ctime(), at.ctime_nsec()) >= then;
            let below = entry.strip_prefix(root).unwrap_or(entry);
            if is_source(below) && fs::symlink_metadata(entry).is_ok_and(is_newer) {
                changed = Some(entry.to_owned());
            }
        });
    }
    changed
}

/// Visits a path and all below it, but for folders without sources and what links lead to. What cannot be read is left out: it may have
/// been removed in the meantime.
fn walk(path: &Path, visit: &mut impl FnMut(&Path)) {
    visit(path);
    let Ok(entries) = fs::read_dir(path) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_str().is_some_and(is_hidden) {
            continue;
        }
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&entry.path(), visit);
        } else {
            visit(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(files: &[&str]) -> tempfile::TempDir {
        let here = tempfile::tempdir().unwrap();
        for file in files {
            let file = here.path().join(file);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        }
        here
    }

    #[test]
    fn folders_with_sources_are_watched_and_those_above_them() {
        let here = source(&[
            "Cargo.toml",
            "other/a.rs",
            "crates/a/src/deep/a.rs",
            "crates/a/target/debug/a.d",
            "crates/a/node_modules/b/c.js",
            "crates/.git/index",
        ]);
        let source = here.path();
        let named = ["Cargo.toml", "crates/a"].map(|name| source.join(name));
        let found = folders(named.iter(), source);
        let expected = ["", "crates", "crates/a", "crates/a/src", "crates/a/src/deep"];
        // `join` of an empty name ends in a separator, which paths do not compare.
        assert_eq!(found, expected.iter().map(|name| source.join(name)).collect());
    }

    #[test]
    fn a_path_that_is_gone_is_watched_by_the_folders_above_it() {
        let here = source(&["a/b.rs"]);
        let gone = [here.path().join("a/c/d")];
        let found = folders(gone.iter(), here.path());
        assert_eq!(found, BTreeSet::from([here.path().to_owned(), here.path().join("a")]));
    }

    #[test]
    fn only_sources_have_changed() {
        let here = source(&["src/a.rs", "src/target/b.d", "src/c.rs~"]);
        let roots =
            [here.path().join("src/target"), here.path().join("src/c.rs~"), here.path().join("src/a.rs")];
        let then = fs::metadata(&roots[2]).unwrap().modified().unwrap();
        assert_eq!(changed_since(&roots[2..], then), Some(roots[2].clone()));
        assert_eq!(changed_since(&roots[2..], then + Duration::from_secs(1)), None);
    }
}
