//! Compiled components: machine code in files of the data folder, which are mapped into memory.
//!
//! Compiling takes some seconds, and some 40 MB of memory that the allocator never returns. So a process of its own does it, once for
//! each component and version: `waybill compile`, which `waybill up` and `waybill serve` start when a file is missing.

use std::fs::{self, Permissions};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail};
use sha2::{Digest as _, Sha256};
use tokio::process::Command;
use tokio::time::timeout;

use crate::runtime::{Engine, WasiVersion};
use crate::settings::{ComponentName, ComponentSettings};

/// As `wasmtime compile` has it.
const EXTENSION: &str = "cwasm";

/// The time that compiling may take on a busy machine.
const COMPILE_LIMIT: Duration = Duration::from_mins(2);

/// Everybody may read what is compiled, and only its account writes it, whatever the umask: an image has it of root and runs as
/// another account.
const FOLDER_MODE: u32 = 0o755;
const FILE_MODE: u32 = 0o644;

/// Files that are kept of each component, for versions that run side by side.
const KEPT: usize = 8;

/// The path of a compiled component. It differs by the component's bytes, the engine's version and the CPU.
pub(super) fn file(
    folder: &Path,
    engine: &Engine,
    name: ComponentName,
    bytes: &[u8],
) -> anyhow::Result<PathBuf> {
    let mut engine_hash = DefaultHasher::new();
    engine.of(WasiVersion::of(bytes))?.precompile_compatibility_hash().hash(&mut engine_hash);
    let content = hex::encode(&Sha256::digest(bytes)[..8]);
    Ok(folder.join(format!("{}-{content}-{:016x}.{EXTENSION}", name.as_str(), engine_hash.finish())))
}

/// Compiles components in a process of its own. Its messages are dropped: loading the component reports the same fault.
pub(super) async fn compile_apart(
    names: &[ComponentName],
    folder: &Path,
    settings: &ComponentSettings,
) -> anyhow::Result<()> {
    let mut command = Command::new(this_program()?);
    command.arg0("waybill").arg("compile").arg("--compiled").arg(folder);
    for (name, path) in &settings.components {
        let mut argument = std::ffi::OsString::from(format!("{}=", name.as_str()));
        argument.push(path);
        command.arg("--component").arg(argument);
    }
    command.args(names.iter().map(|name| name.as_str()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    match timeout(COMPILE_LIMIT, command.status()).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => bail!("waybill compile: {status}"),
        Ok(Err(error)) => Err(error).context("waybill compile cannot be started"),
        Err(_) => bail!("waybill compile did not end within {COMPILE_LIMIT:?}"),
    }
}

/// This program, for another process of it. On Linux it is the running one even if its file has been replaced since, as a developer does who
/// builds it anew.
fn this_program() -> anyhow::Result<PathBuf> {
    if cfg!(target_os = "linux") {
        return Ok("/proc/self/exe".into());
    }
    std::env::current_exe().context("the path of this program is unknown")
}

/// The file of a component in `folder`, compiled now if it is missing.
pub fn compiled_file(
    folder: &Path,
    engine: &Engine,
    name: ComponentName,
    bytes: &[u8],
) -> anyhow::Result<PathBuf> {
    let file = file(folder, engine, name, bytes)?;
    if !file.exists() {
        let code = engine.precompile(bytes).with_context(|| unfit(name))?;
        write(folder, &file, &code).with_context(|| format!("{} cannot be written", file.display()))?;
        remove_oldest(folder, name).with_context(|| format!("{} cannot be cleaned up", folder.display()))?;
    }
    Ok(file)
}

pub(super) fn unfit(name: ComponentName) -> String {
    format!("the component {} cannot be compiled", name.as_str())
}

/// Moves the complete file into its place, so that no reader finds half of it.
fn write(folder: &Path, file: &Path, code: &[u8]) -> anyhow::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
    let mut written = tempfile::NamedTempFile::new_in(folder)?;
    written.write_all(code)?;
    written.as_file().set_permissions(Permissions::from_mode(FILE_MODE))?;
    written.persist(file)?;
    Ok(())
}

/// Removes the oldest files of a component. A process that has one mapped keeps it.
fn remove_oldest(folder: &Path, name: ComponentName) -> anyhow::Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let is_of_name = entry.file_name().to_str().is_some_and(|file| {
            file.ends_with(EXTENSION)
                && file.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('-'))
        });
        if is_of_name {
            files.push((entry.metadata()?.modified()?, entry.path()));
        }
    }
    files.sort();
    for (_, oldest) in files.iter().take(files.len().saturating_sub(KEPT)) {
        fs::remove_file(oldest)?;
    }
    Ok(())
}
