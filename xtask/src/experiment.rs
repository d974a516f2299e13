//! Programs of the workspace that run the real binary on real servers.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{cargo, components, packages, wash};

/// Installs the servers that are missing, builds everything, and runs the program of a package with the given arguments.
pub fn run(package: &str, program: &str, arguments: &[OsString]) -> Result<()> {
    let target = cargo::target_folder()?;
    packages::ensure_servers()?;
    components::build(&target)?;
    // Together with the host, so that what both are made of has the features that it was built with.
    let selection =
        ["build", "--package", "waybill", "--package", package, "--bin", "waybill", "--bin", program];
    cargo::run(&mut cargo::cargo(selection)?)?;
    let host = cargo::host_binary(&target);
    let mut command = Command::new(host.with_file_name(program));
    command.args(arguments).env(cargo::COMPONENTS_VARIABLE, cargo::components_folder(&target));
    cargo::forget_this_run(&mut command);
    cargo::run(command.envs(wash::variables(&target)).env("WAYBILL_BIN", &host))
}

/// For measurements: with release builds, which embed the components.
pub fn run_released(program: &str, arguments: &[OsString]) -> Result<()> {
    let target = cargo::target_folder()?;
    packages::ensure_servers()?;
    packages::ensure_program("wrk", "wrk")?;
    components::build(&target)?;
    println!("Building what is shipped (the first time takes some minutes) …");
    let selection =
        ["--package", "waybill", "--package", "waybill-bench", "--features", "waybill/embedded-components"];
    let mut build = cargo::cargo(["build", "--release", "--bins"])?;
    cargo::run(build.args(selection).env(cargo::COMPONENTS_VARIABLE, cargo::components_folder(&target)))?;
    let released = target.join("release");
    let mut command = Command::new(released.join(program));
    cargo::forget_this_run(&mut command);
    command.args(arguments).env(cargo::COMPONENTS_VARIABLE, cargo::components_folder(&target));
    cargo::run(command.envs(wash::variables(&target)).env("WAYBILL_BIN", released.join("waybill")))
}
