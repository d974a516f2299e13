//! What comes from npm: packages for the browser tests and for the AWS program, installed beside the build.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow, bail};
use sha2::{Digest, Sha256};

use crate::{cargo, components, packages};

/// The folders with a `package.json`.
const FOLDERS: [&str; 2] = ["infra", "tests/browser"];

/// Says for which `package-lock.json` a `node_modules` was installed.
const STAMP: &str = "node_modules/.installed";

/// An installation that runs beside a build: it needs the network, the build needs the processor.
pub struct Installation(JoinHandle<Result<Vec<String>>>);

/// Begins to install what is missing.
pub fn begin() -> Result<Installation> {
    let project = cargo::workspace_folder()?;
    Ok(Installation(thread::spawn(move || FOLDERS.iter().map(|folder| install(&project, folder)).collect())))
}

impl Installation {
    /// Waits for its end. Without npm it prints that the tests which need it are skipped; under CI, which
    /// must not pass on skipped tests, that is an error.
    pub fn finish(self) -> Result<()> {
        let outcome = self.0.join().map_err(|_| anyhow!("the installation of npm's packages panicked"))?;
        match outcome {
            Ok(lines) => lines.iter().for_each(|line| println!("{line}")),
            Err(error) if std::env::var_os("CI").is_some() => return Err(error),
            Err(error) => println!("{error:#}.\nTests that need it are skipped and listed at the end."),
        }
        Ok(())
    }
}

fn install(project: &Path, folder: &str) -> Result<String> {
    let path = project.join(folder);
    let lock = path.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("{} could not be read", lock.display()))?;
    let wanted = hex::encode(Sha256::digest(&wanted));
    let stamp = path.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(format!("{folder}: npm's packages are installed."));
    }
    let output = npm(&path)
        .args(["ci", "--no-audit", "--no-fund"])
        .output()
        .context("npm is not installed, or could not be started")?;
    if !output.status.success() {
        bail!("`npm ci` failed in {folder}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    fs::write(&stamp, wanted).with_context(|| format!("{} could not be written", stamp.display()))?;
    Ok(format!("{folder}: npm's packages were installed."))
}

/// Runs the tests of the AWS program. If its packages are not installed, it adds a line to the `skips`.
pub fn test_infra(skips: &Path) -> Result<()> {
    let folder = cargo::workspace_folder()?.join("infra");
    if !folder.join(STAMP).exists() {
        return File::options()
            .create(true)
            .append(true)
            .open(skips)
            .and_then(|mut file| writeln!(file, "infra: npm's packages are not installed"))
            .with_context(|| format!("{} could not be written", skips.display()));
    }
    cargo::run(npm(&folder).arg("test"))
}

/// `cargo xtask pictures`.
pub fn pictures() -> Result<()> {
    packages::ensure_all(&[&packages::CHROMIUM, &packages::NPM])?;
    let installation = begin()?;
    let target = cargo::target_folder()?;
    components::build(&target)?;
    cargo::build_host()?;
    installation.finish()?;
    let script = cargo::workspace_folder()?.join("tests/browser/pictures.mjs");
    cargo::run(Command::new("node").arg(script).env("WAYBILL_BIN", cargo::host_binary(&target)))
}

fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command
}
