//! Programs of PostgreSQL that a program has inside.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use tar::Archive;

use crate::{Error, PINNED_VERSION};

/// Unpacks an archive (tar, gzip) of the folders `bin`, `lib` and `share` into a folder of its own below `into`, unless that was done
/// before, and returns that folder. Another archive has another folder.
pub fn unpack(archive: &[u8], into: &Path) -> Result<PathBuf, Error> {
    let sum = Sha256::digest(archive).iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>();
    let folder = into.join(format!("postgresql-{PINNED_VERSION}-{sum}"));
    if !folder.is_dir() {
        unpack_to(archive, &folder).map_err(|error| Error::of_folder(&folder, error))?;
    }
    Ok(folder)
}

fn unpack_to(archive: &[u8], folder: &Path) -> io::Result<()> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent)?;
    }
    // Of two that unpack at once, the second one finds what the first one has put there.
    let lock = File::create(folder.with_added_extension("lock"))?;
    lock.lock()?;
    if folder.is_dir() {
        return Ok(());
    }
    let partial = folder.with_added_extension("partial");
    // What was left by one that was killed.
    match fs::remove_dir_all(&partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir(&partial)?;
    // Another account than this one may run the programs.
    fs::set_permissions(&partial, Permissions::from_mode(0o755))?;
    Archive::new(GzDecoder::new(archive)).unpack(&partial)?;
    fs::rename(&partial, folder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn archive(contents: &[u8]) -> Vec<u8> {
        let mut builder = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        let mut header = tar::Header::new_gnu();
        header.set_size(contents.len() as u64);
        header.set_mode(0o755);
        builder.append_data(&mut header, "bin/postgres", contents).unwrap();
        builder.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn an_archive_is_unpacked_once_and_another_one_beside_it() {
        let parent = tempfile::tempdir().unwrap();
        let first = unpack(&archive(b"one"), parent.path()).unwrap();
        let program = first.join("bin/postgres");
        assert_eq!(fs::read(&program).unwrap(), b"one");
        assert_eq!(fs::metadata(&program).unwrap().permissions().mode() & 0o777, 0o755);
        // As it is from then on.
        fs::write(&program, "changed").unwrap();
        assert_eq!(unpack(&archive(b"one"), parent.path()).unwrap(), first);
        assert_eq!(fs::read(&program).unwrap(), b"changed");
        let second = unpack(&archive(b"two"), parent.path()).unwrap();
        assert_eq!(fs::read(second.join("bin/postgres")).unwrap(), b"two");
    }

    #[test]
    fn a_broken_archive_leaves_no_folder_that_looks_whole() {
        let parent = tempfile::tempdir().unwrap();
        let mut broken = archive(&[7; 100_000]);
        broken.truncate(broken.len() / 2);
        assert!(unpack(&broken, parent.path()).is_err());
        assert!(unpack(&broken, parent.path()).is_err());
    }
}
