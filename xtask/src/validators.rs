//! What comes from PyPI: the official rules of electronic invoices, which tests check documents by. They are installed into the target
//! folder, each version as `tests/validators/requirements.txt` names it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result, anyhow, bail};
use sha2::{Digest, Sha256};

use crate::cargo;

/// Names the folder to the tests.
pub const VARIABLE: &str = "WAYBILL_VALIDATORS";

/// Says for which requirements the folder was installed.
const STAMP: &str = ".installed";

/// An installation that runs beside a build.
pub struct Installation(JoinHandle<Result<&'static str>>);

/// Where they are installed.
pub fn folder(target: &Path) -> PathBuf {
    target.join("validators")
}

/// Begins to install them if they are missing.
pub fn begin(target: &Path) -> Result<Installation> {
    let requirements = cargo::workspace_folder()?.join("tests/validators/requirements.txt");
    let folder = folder(target);
    Ok(Installation(thread::spawn(move || install(&folder, &requirements))))
}

impl Installation {
    /// Waits for its end. Without Python or PyPI it prints that the tests which need them are skipped; under CI, which must not
    /// pass on skipped tests, that is an error.
    pub fn finish(self) -> Result<()> {
        match self.0.join().map_err(|_| anyhow!("the installation of the validators panicked"))? {
            Ok(line) => println!("{line}"),
            Err(error) if std::env::var_os("CI").is_some() => return Err(error),
            Err(error) => println!("{error:#}.\nTests that need it are skipped and listed at the end."),
        }
        Ok(())
    }
}

fn install(folder: &Path, requirements: &Path) -> Result<&'static str> {
    let wanted =
        fs::read(requirements).with_context(|| format!("{} could not be read", requirements.display()))?;
    let wanted = hex::encode(Sha256::digest(&wanted));
    let stamp = folder.join(STAMP);
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok("The validators of invoices are installed.");
    }
    // What an interrupted installation or other versions left is not kept.
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
    let pip =
        ["-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:", "-r"];
    run(Command::new(folder.join("bin/python")).args(pip).arg(requirements))?;
    fs::write(&stamp, wanted).with_context(|| format!("{} could not be written", stamp.display()))?;
    Ok("The validators of invoices were installed.")
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
