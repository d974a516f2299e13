//! wasmCloud 2 for tests: its program `wash`, and the NATS server over which it gets its workloads.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::installation::Installation;
use crate::{nats, pypi};

/// Names the program, for people who have one and to the tests.
const VARIABLE: &str = "WASH_BIN";

/// Begins to install both where they are missing.
pub fn begin(target: &Path) -> Installation {
    let target = target.to_owned();
    Installation::begin("wasmCloud 2", move || install(&target).map(|()| Vec::new()))
}

/// Installs both where they are missing.
pub fn install(target: &Path) -> Result<()> {
    nats::ensure(target)?;
    if env::var_os(VARIABLE).is_none() {
        pypi::WASH.install(target)?;
    }
    Ok(())
}

/// The variables by which tests find them. The programs may be missing.
pub fn variables(target: &Path) -> [(&'static str, PathBuf); 2] {
    let wash = env::var_os(VARIABLE).map_or_else(|| pypi::WASH.program(target, "wash"), PathBuf::from);
    [(VARIABLE, wash), (nats::VARIABLE, nats::program(target))]
}
