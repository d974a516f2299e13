//! `cargo xtask up`: everything built, then this process becomes `waybill up`.

use std::env;
use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context, Result};

use crate::{cargo, components, postgres};

/// Builds components and host, then starts `waybill up` with the given arguments.
pub fn run(arguments: &[OsString]) -> Result<()> {
    let target = cargo::target_folder()?;
    components::build(&target)?;
    cargo::build_host()?;
    // Without them Waybill says what there is to do: databases may be named by its settings.
    if let Err(error) = postgres::ensure() {
        println!("PostgreSQL's programs were not fetched: {error:#}");
    }
    let binary = cargo::host_binary(&target);
    let compiled = cargo::compiled_folder(&target);
    // Once for this machine and not once for each data folder.
    let mut compile = Command::new(&binary);
    compile.arg("compile").arg("--compiled").arg(&compiled);
    cargo::forget_this_run(&mut compile);
    cargo::run(&mut compile)?;
    let mut command = Command::new(&binary);
    command.arg("up").args(arguments);
    if env::var_os(cargo::COMPILED_VARIABLE).is_none() {
        command.env(cargo::COMPILED_VARIABLE, &compiled);
    }
    cargo::forget_this_run(&mut command);
    become_it(command).with_context(|| format!("{} could not be started", binary.display()))
}

/// Replaces this process, so that Ctrl-C and signals from a supervisor reach Waybill and nobody else.
#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;
    Err(command.exec())
}

#[cfg(not(unix))]
fn become_it(mut command: Command) -> std::io::Result<()> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1))
}
