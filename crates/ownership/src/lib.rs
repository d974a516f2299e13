//! Whether another account could have written what this program runs.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use thiserror::Error;

const WRITABLE_BY_GROUP: u32 = 0o020;
const WRITABLE_BY_OTHERS: u32 = 0o002;
/// In such a folder only the owner of an entry renames or removes it.
const STICKY: u32 = 0o1000;

/// What gives another account power over a path, and the command that takes it away.
#[derive(Debug, Error)]
#[error("{path} {fault}; run `{remedy} {path}`", path = .path.display())]
pub struct Foreign {
    path: PathBuf,
    fault: &'static str,
    remedy: String,
}

impl Foreign {
    fn writable(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            fault: "can be written to by other accounts",
            remedy: "chmod go-w".to_owned(),
        }
    }
}

/// Fails if an account other than root, this process's own and `also` owns the path, whose metadata are `found`.
pub fn ensure_owner(path: &Path, found: &Metadata, also: Option<u32>) -> Result<(), Foreign> {
    let account = rustix::process::geteuid().as_raw();
    if [0, account].contains(&found.uid()) || also == Some(found.uid()) {
        return Ok(());
    }
    let remedy = format!("chown {account}");
    Err(Foreign { path: path.to_owned(), fault: "belongs to another account", remedy })
}

/// Fails if anyone but its owner can write to the path.
pub fn ensure_owner_writes(path: &Path, found: &Metadata) -> Result<(), Foreign> {
    match found.mode() & (WRITABLE_BY_GROUP | WRITABLE_BY_OTHERS) {
        0 => Ok(()),
        _ => Err(Foreign::writable(path)),
    }
}

/// Fails if another account can write to the path. Members of a private group are none.
pub fn ensure_no_other_writes(path: &Path, found: &Metadata) -> Result<(), Foreign> {
    if is_writable_by_others(found) { Err(Foreign::writable(path)) } else { Ok(()) }
}

/// Fails if another account may rename one of the folders that lead to `path`, which is absolute.
///
/// Their owners may. What they moved there would have to be this account's or root's, so it is the owner's own trust that counts:
/// a service often runs in a folder of the account that installs it.
pub fn ensure_no_replacement(path: &Path) -> Result<(), Foreign> {
    for parent in path.ancestors().skip(1) {
        let Ok(found) = fs::metadata(parent) else { continue };
        if found.mode() & STICKY == 0 {
            ensure_no_other_writes(parent, &found)?;
        }
    }
    Ok(())
}

/// Where each user has a private group, which has the user's number, a umask of 002 makes folders that are writable by the group:
/// it has no other members.
fn is_writable_by_others(found: &Metadata) -> bool {
    let is_private_group = found.gid() == found.uid();
    found.mode() & WRITABLE_BY_OTHERS != 0 || found.mode() & WRITABLE_BY_GROUP != 0 && !is_private_group
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn who_else_can_write_is_found_with_what_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        fs::create_dir(&inner).unwrap();
        let refused = |mode: u32| {
            fs::set_permissions(&inner, Permissions::from_mode(mode)).unwrap();
            let found = fs::metadata(&inner).unwrap();
            ensure_owner(&inner, &found, None).unwrap();
            let faults = [
                ensure_no_other_writes(&inner, &found).err(),
                ensure_no_replacement(&inner.join("file")).err(),
            ];
            faults.map(|fault| fault.map(|fault| fault.to_string()))
        };
        let remedy =
            format!("{0} can be written to by other accounts; run `chmod go-w {0}`", inner.display());
        assert_eq!(refused(0o755), [None, None]);
        assert_eq!(refused(0o757), [Some(remedy.clone()), Some(remedy.clone())]);
        assert_eq!(refused(0o1777), [Some(remedy), None]);
    }
}
