//! What comes from npm: packages for the TypeScript client, the browser tests, the AWS program and the hosted workflows, installed
//! beside the build.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo;
use crate::installation::{Installation, Stamp};

/// The folders with a `package.json`.
const FOLDERS: [&str; 4] = ["clients/typescript", "infra", "tests/browser", "tests/workflows"];

/// Says for which `package-lock.json` a `node_modules` was installed.
const STAMP: &str = "node_modules/.installed";

/// Begins to install what is missing.
pub fn begin() -> Result<Installation> {
    let project = cargo::workspace_folder()?;
    let install = move || FOLDERS.iter().map(|folder| install(&project, folder)).collect();
    Ok(Installation::begin("npm's packages", install))
}

/// Whether the packages of a folder are installed, in whatever version.
pub fn is_installed(project: &Path, folder: &str) -> bool {
    project.join(folder).join(STAMP).exists()
}

/// A program of a folder's packages, run there.
pub fn program(folder: &Path, name: &str) -> Command {
    let mut command = Command::new(folder.join("node_modules/.bin").join(name));
    command.current_dir(folder);
    command
}

/// Installs the packages of a folder if they are missing, and says what was done.
pub fn install(project: &Path, folder: &str) -> Result<String> {
    let path = project.join(folder);
    let stamp = Stamp::of(&path.join("package-lock.json"), path.join(STAMP))?;
    if stamp.is_current() {
        return Ok(format!("{folder}: npm's packages are installed."));
    }
    let output = npm(&path)
        .args(["ci", "--no-audit", "--no-fund"])
        .output()
        .context("npm is not installed, or could not be started")?;
    if !output.status.success() {
        bail!("`npm ci` failed in {folder}: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    stamp.write()?;
    Ok(format!("{folder}: npm's packages were installed."))
}

/// Runs `npm test` in a folder. If its packages are not installed, it adds a line to the `skips`.
pub fn test(name: &str, skips: &Path) -> Result<()> {
    let project = cargo::workspace_folder()?;
    let folder = project.join(name);
    if !is_installed(&project, name) {
        return File::options()
            .create(true)
            .append(true)
            .open(skips)
            .and_then(|mut file| writeln!(file, "{name}: npm's packages are not installed"))
            .with_context(|| format!("{} could not be written", skips.display()));
    }
    cargo::run(npm(&folder).arg("test"))
}

fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command
}
