//! What comes from PyPI: the official rules of electronic invoices, which tests check documents by. They are installed into the target
//! folder, each version as `tests/validators/requirements.txt` names it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo;
use crate::installation::{Installation, Stamp};

/// Names the folder to the tests.
pub const VARIABLE: &str = "WAYBILL_VALIDATORS";

/// Says for which requirements the folder was installed.
const STAMP: &str = ".installed";

/// Where they are installed.
pub fn folder(target: &Path) -> PathBuf {
    target.join("validators")
}

/// Begins to install them if they are missing.
pub fn begin(target: &Path) -> Result<Installation> {
    let requirements = cargo::workspace_folder()?.join("tests/validators/requirements.txt");
    let folder = folder(target);
    Ok(Installation::begin("the validators", move || Ok(vec![install(&folder, &requirements)?])))
}

fn install(folder: &Path, requirements: &Path) -> Result<String> {
    let stamp = Stamp::of(requirements, folder.join(STAMP))?;
    if stamp.is_current() {
        return Ok("The validators of invoices are installed.".to_owned());
    }
    // What an interrupted installation or other versions left is not kept.
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    let pip =
        ["-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "-r"];
    run(Command::new(folder.join("bin/python")).args(pip).arg(requirements))?;
    stamp.write()?;
    Ok("The validators of invoices were installed.".to_owned())
}

/// Runs a program in silence; its output is the error if it fails.
fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output =
        command.output().with_context(|| format!("{program} is not installed, or could not be started"))?;
    if !output.status.success() {
        let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
        bail!("the validators of invoices could not be installed: {}", String::from_utf8_lossy(said).trim());
    }
    Ok(())
}
