//! Programs of the workspace that run the real binary on real servers.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{cargo, components, packages};

/// Installs the servers that are missing, builds everything, and runs the program with the given arguments.
pub fn run(program: &str, arguments: &[OsString]) -> Result<()> {
    run_with(program, arguments, &[])
}

/// The same, with variables of its environment.
pub fn run_with(program: &str, arguments: &[OsString], variables: &[(&str, PathBuf)]) -> Result<()> {
    let target = cargo::target_folder()?;
    packages::ensure_servers()?;
    components::build(&target)?;
    cargo::run(cargo::command(&target, ["build", "--bins"]).args(cargo::WORKSPACE))?;
    let host = cargo::host_binary(&target);
    let mut command = Command::new(host.with_file_name(program));
    command.args(arguments).envs(variables.iter().map(|(name, value)| (name, value)));
    command.env("WAYBILL_COMPONENTS", cargo::components_folder(&target));
    cargo::run(command.env("WAYBILL_BIN", &host))
}
