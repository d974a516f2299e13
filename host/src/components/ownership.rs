//! Whether another account could have written the compiled components, which run as this program.

use std::fs;
use std::path::{Path, absolute};

use anyhow::{anyhow, bail};
use waybill_ownership::{Foreign, ensure_no_replacement, ensure_owner, ensure_owner_writes};

/// Fails if another account can write to the folder of the compiled components, or can put another one in its place.
pub(super) fn ensure_own_folder(folder: &Path) -> anyhow::Result<()> {
    let refused = |foreign| refused(folder, &foreign);
    // A folder that is missing is created by this program.
    if let Ok(found) = fs::metadata(folder) {
        ensure_owner(folder, &found, None).map_err(refused)?;
        ensure_owner_writes(folder, &found).map_err(refused)?;
    }
    let named = absolute(folder)?;
    ensure_no_replacement(&named).map_err(refused)?;
    // A link leads elsewhere.
    match named.canonicalize() {
        Ok(real) => ensure_no_replacement(&real).map_err(refused),
        Err(_) => Ok(()),
    }
}

/// Fails if another account can write to, or has written, a compiled component in the folder.
pub(super) fn ensure_own_file(folder: &Path, file: &Path) -> anyhow::Result<()> {
    // Of a link itself, which this program never creates.
    let found = fs::symlink_metadata(file)?;
    if !found.is_file() {
        bail!("{} is not a regular file; remove it: it is compiled anew", file.display());
    }
    let checked = ensure_owner(file, &found, None).and_then(|()| ensure_owner_writes(file, &found));
    checked.map_err(|foreign| refused(folder, &foreign))
}

fn refused(folder: &Path, foreign: &Foreign) -> anyhow::Error {
    anyhow!(
        "the compiled components in {} would run as this program, but {foreign}, or choose another folder with --compiled \
         (WAYBILL_COMPILED), for example .waybill/compiled",
        folder.display()
    )
}
