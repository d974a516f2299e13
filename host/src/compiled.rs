//! Compiled components: machine code that is kept in files of the data folder and mapped into memory from there.
//!
//! Compiling takes some seconds and, for good, some 40 MB of memory that the allocator does not give back. So it is done once for
//! each component and version, by a process of its own: `waybill compile`, which `waybill up` and `waybill serve` start when a
//! file is missing.

use std::{
    fs,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io::Write as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use sha2::{Digest as _, Sha256};
use tokio::{process::Command, time::timeout};

use crate::{
    components,
    runtime::{Engine, Limits},
    settings::{CompileSettings, ComponentName, ComponentSettings},
};

/// What the files' names end in, as those of `wasmtime compile` do.
const EXTENSION: &str = "cwasm";

/// The time that compiling may take, on a machine that is busy with other things.
const COMPILE_LIMIT: Duration = Duration::from_mins(2);

/// The file of a component, as this engine compiles it. Another component, another version of the engine, or another CPU has
/// another file.
pub fn file(data: &Path, engine: &Engine, name: ComponentName, bytes: &[u8]) -> PathBuf {
    let mut engine_hash = DefaultHasher::new();
    engine.inner().precompile_compatibility_hash().hash(&mut engine_hash);
    let content = hex::encode(&Sha256::digest(bytes)[..8]);
    folder(data).join(format!("{}-{content}-{:016x}.{EXTENSION}", name.as_str(), engine_hash.finish()))
}

fn folder(data: &Path) -> PathBuf {
    data.join("compiled")
}

/// Compiles components in a process of their own.
pub async fn compile_apart(
    names: &[ComponentName],
    data: &Path,
    settings: &ComponentSettings,
) -> anyhow::Result<()> {
    let program = std::env::current_exe().context("this program does not know its own file")?;
    let mut command = Command::new(program);
    command.arg("compile").arg("--data").arg(data);
    for (name, path) in &settings.components {
        let mut argument = std::ffi::OsString::from(format!("{}=", name.as_str()));
        argument.push(path);
        command.arg("--component").arg(argument);
    }
    command.args(names.iter().map(|name| name.as_str()));
    command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
    match timeout(COMPILE_LIMIT, command.status()).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => bail!("waybill compile: {status}"),
        Ok(Err(error)) => Err(error).context("waybill compile cannot be started"),
        Err(_) => bail!("waybill compile did not end within {COMPILE_LIMIT:?}"),
    }
}

/// Runs `waybill compile`.
pub fn run(settings: &CompileSettings) -> anyhow::Result<()> {
    let engine = Engine::new(Limits::default())?;
    let names = match settings.names.as_slice() {
        [] => &[ComponentName::Orders, ComponentName::Invoices],
        names => names,
    };
    for name in names {
        let bytes = components::bytes(*name, &settings.components)?;
        let file = file(&settings.data, &engine, *name, &bytes);
        if !file.exists() {
            let code = engine.precompile(&bytes).with_context(|| components::unfit(*name))?;
            write(&file, *name, &code).with_context(|| format!("{} cannot be written", file.display()))?;
        }
        println!("{:<9} {}", name.as_str(), file.display());
    }
    Ok(())
}

/// Puts a file in its place at once, so that nobody finds half of it, and takes away those of other versions.
fn write(file: &Path, name: ComponentName, code: &[u8]) -> anyhow::Result<()> {
    let folder = file.parent().context("a file is in a folder")?;
    fs::create_dir_all(folder)?;
    let mut written = tempfile::NamedTempFile::new_in(folder)?;
    written.write_all(code)?;
    written.persist(file)?;
    for other in fs::read_dir(folder)? {
        let other = other?.path();
        let is_of_name = other
            .file_name()
            .and_then(|other| other.to_str())
            .is_some_and(|other| other.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('-')));
        if is_of_name && other != file {
            fs::remove_file(&other)?;
        }
    }
    ensure!(file.exists(), "another process took it away");
    Ok(())
}
