//! `cargo xtask up` and `cargo xtask dev`: what they need is built, then this process becomes `waybill up` or `waybill dev`.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use std::{env, thread};

use anyhow::{Context, Result};

use crate::{cargo, components, postgres};

/// Names the folder of the sources to `waybill dev`.
const SOURCE_VARIABLE: &str = "WAYBILL_SOURCE";

/// Builds components and host, then starts `waybill up` with the given arguments.
pub fn run(arguments: &[OsString]) -> Result<()> {
    let target = cargo::target_folder()?;
    build(&target)?;
    // Once for this machine and not once for each data folder.
    let mut compile = Command::new(cargo::host_binary(&target));
    compile.arg("compile").arg("--compiled").arg(cargo::compiled_folder(&target));
    cargo::forget_this_run(&mut compile);
    cargo::run(&mut compile)?;
    become_role("up", &target, arguments)
}

/// Builds the host, then starts `waybill dev` on this workspace with the given arguments.
pub fn run_dev(arguments: &[OsString]) -> Result<()> {
    let target = cargo::target_folder()?;
    cargo::build_host()?;
    become_role("dev", &target, arguments)
}

fn become_role(role: &str, target: &Path, arguments: &[OsString]) -> Result<()> {
    // Waybill may not need them, if its settings name databases. Otherwise it says what to do.
    if let Err(error) = postgres::ensure() {
        println!("PostgreSQL's programs were not fetched: {error:#}");
    }
    let binary = cargo::host_binary(target);
    let mut command = Command::new(&binary);
    command.arg(role).args(arguments);
    let folders = [
        (cargo::COMPILED_VARIABLE, cargo::compiled_folder(target)),
        (SOURCE_VARIABLE, cargo::workspace_folder()?),
    ];
    for (name, folder) in folders.into_iter().filter(|(name, _)| env::var_os(name).is_none()) {
        command.env(name, folder);
    }
    cargo::forget_this_run(&mut command);
    become_it(command).with_context(|| format!("{} could not be started", binary.display()))
}

/// Builds components and host at the same time: neither needs the other, and the components end in a step that keeps one processor.
fn build(target: &Path) -> Result<()> {
    // What is installed for it is there before anything is compiled.
    components::ensure_target()?;
    let (components, host) = thread::scope(|scope| {
        let components = scope.spawn(|| components::build(target));
        let host = cargo::build_host();
        (components.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), host)
    });
    components.and(host)
}

/// Replaces this process, so that Ctrl-C and signals from a supervisor reach Waybill only.
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
