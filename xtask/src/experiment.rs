//! Programs of the workspace that run the real binary on real servers.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{cargo, components, packages};

/// Installs the servers that are missing, builds everything, and runs the program with the given arguments.
pub fn run(program: &str, arguments: &[OsString]) -> Result<()> {
    let target = cargo::target_folder()?;
    packages::ensure()?;
    components::build(&target)?;
    cargo::run(cargo::command(&target, ["build", "--bins"]).args(cargo::WORKSPACE))?;
    let host = cargo::host_binary(&target);
    cargo::run(Command::new(host.with_file_name(program)).args(arguments).env("WAYBILL_BIN", &host))
}
