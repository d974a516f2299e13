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

/// The same with programs as they are shipped, for what is measured.
pub fn run_released(program: &str, arguments: &[OsString]) -> Result<()> {
    let target = cargo::target_folder()?;
    packages::ensure_servers()?;
    packages::ensure_program("wrk", "wrk")?;
    components::build(&target)?;
    println!("Building what is shipped (the first time takes some minutes) …");
    let selection =
        ["--package", "waybill", "--package", "waybill-bench", "--features", "waybill/embedded-components"];
    cargo::run(cargo::command(&target, ["build", "--release", "--bins"]).args(selection))?;
    let released = target.join("release");
    let mut command = Command::new(released.join(program));
    cargo::run(command.args(arguments).env("WAYBILL_BIN", released.join("waybill")))
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
