//! Whether another account could have written what this program runs.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, absolute};

use anyhow::bail;

const WRITABLE_BY_GROUP: u32 = 0o020;
const WRITABLE_BY_OTHERS: u32 = 0o002;
/// In such a folder only the owner of an entry renames or removes it.
const STICKY: u32 = 0o1000;

/// Fails if another account can write to the folder of the compiled components, or can put another one in its place.
pub(super) fn ensure_own_folder(folder: &Path) -> anyhow::Result<()> {
    // A folder that is missing is created by this program.
    if let Ok(found) = fs::metadata(folder) {
        ensure_own(folder, folder, &found)?;
    }
    let named = absolute(folder)?;
    ensure_no_replacement(folder, &named)?;
    // A link leads elsewhere.
    match named.canonicalize() {
        Ok(real) => ensure_no_replacement(folder, &real),
        Err(_) => Ok(()),
    }
}

/// Fails if another account can write to, or has written, a compiled component in the folder.
pub(super) fn ensure_own_file(folder: &Path, file: &Path) -> anyhow::Result<()> {
    // Of a link itself, which this program never creates.
    let found = fs::symlink_metadata(file)?;
    if !found.is_file() {
        bail!("{} is no regular file; remove it: it is compiled anew", file.display());
    }
    ensure_own(folder, file, &found)
}

fn ensure_own(folder: &Path, path: &Path, found: &Metadata) -> anyhow::Result<()> {
    let account = rustix::process::geteuid().as_raw();
    if ![0, account].contains(&found.uid()) {
        refuse(folder, path, "belongs to another account", &format!("chown {account}"))?;
    }
    if found.mode() & (WRITABLE_BY_GROUP | WRITABLE_BY_OTHERS) != 0 {
        refuse(folder, path, "can be written to by other accounts", "chmod go-w")?;
    }
    Ok(())
}

/// Fails if another account may rename one of the folders that lead to `path`.
///
/// Their owners may. What they moved there would have to be this account's or root's, so it is the owner's own trust that counts:
/// a service often runs in a folder of the account that installs it.
fn ensure_no_replacement(folder: &Path, path: &Path) -> anyhow::Result<()> {
    for parent in path.ancestors().skip(1) {
        let Ok(found) = fs::metadata(parent) else { continue };
        if found.mode() & STICKY == 0 && is_writable_by_others(&found) {
            refuse(folder, parent, "can be written to by other accounts", "chmod go-w")?;
        }
    }
    Ok(())
}

/// Where each user has a private group, which has the user's number, a umask of 002 makes folders that are writable by the group:
/// that is nobody else.
fn is_writable_by_others(found: &Metadata) -> bool {
    let is_private_group = found.gid() == found.uid();
    found.mode() & WRITABLE_BY_OTHERS != 0 || found.mode() & WRITABLE_BY_GROUP != 0 && !is_private_group
}

fn refuse(folder: &Path, path: &Path, fault: &str, remedy: &str) -> anyhow::Result<()> {
    bail!(
        "the compiled components in {} would run as this program, but {path} {fault}; run `{remedy} {path}`, or choose another \
         folder with --compiled (WAYBILL_COMPILED), for example .waybill/compiled",
        folder.display(),
        path = path.display()
    )
}
