//! `cargo xtask lattice`: a wasmCloud lattice on this machine, and the providers' archives for it.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result};

use crate::{cargo, components, nats, packages, wasmcloud};

/// The providers, by the names of their programs.
const PROVIDERS: [&str; 3] =
    ["waybill-provider-postgres", "waybill-provider-rabbitmq", "waybill-provider-relay"];

/// Set for cargo while it builds the launcher, so that this program knows that cargo calls it as the wrapper of rustc.
const WRAPPING: &str = "WAYBILL_WRAPS_RUSTC";

/// Builds what a command needs, then runs it.
pub fn run(arguments: &[OsString]) -> Result<()> {
    let target = cargo::target_folder()?;
    let launcher = build_launcher(&target)?;
    let mut command = Command::new(&launcher);
    command.args(arguments);
    match arguments.first().and_then(|first| first.to_str()) {
        Some("up") => {
            command.env("NATS_SERVER_BIN", nats::ensure(&target)?);
        }
        Some("deploy") => build_application(&target, &launcher)?,
        _ => {}
    }
    cargo::run(&mut command)
}

/// `cargo xtask conform --host wasmcloud`.
pub fn conform() -> Result<()> {
    let target = cargo::target_folder()?;
    packages::ensure_servers()?;
    components::build(&target)?;
    // The host's binary migrates the databases.
    cargo::build_host()?;
    let variables = prepare(&target)?;
    let program = "conform-on-wasmcloud";
    cargo::run(&mut wasmcloud::cargo(&target, ["build", "--bin", program])?)?;
    let mut command = Command::new(wasmcloud::program(&target, program));
    command.envs(variables).env(cargo::COMPONENTS_VARIABLE, cargo::components_folder(&target));
    cargo::run(command.env("WAYBILL_BIN", cargo::host_binary(&target)))
}

/// `cargo xtask par`: the providers as archives, in `<target>/providers` and where manifests name them, and the components beside
/// them.
pub fn par() -> Result<()> {
    let target = cargo::target_folder()?;
    let launcher = build_launcher(&target)?;
    build_application(&target, &launcher)
}

/// Builds all that manifests name.
fn build_application(target: &Path, launcher: &Path) -> Result<()> {
    components::build(target)?;
    build_own(target, launcher)
}

/// Builds what manifests name besides the components of every host.
fn build_own(target: &Path, launcher: &Path) -> Result<()> {
    components::build_acknowledge(target)?;
    cargo::run(&mut providers_build(target)?)?;
    pack(target, launcher)
}

fn providers_build(target: &Path) -> Result<Command> {
    let mut build = wasmcloud::cargo(target, ["build"])?;
    build.args(PROVIDERS.iter().flat_map(|name| ["--package", name]));
    Ok(build)
}

/// Packs the providers' programs, which are built.
fn pack(target: &Path, launcher: &Path) -> Result<()> {
    let named_by_manifests = archives_folder(&cargo::workspace_folder()?.join("target"));
    let folder = archives_folder(target);
    for folder in [&folder, &named_by_manifests] {
        fs::create_dir_all(folder).with_context(|| format!("{} could not be created", folder.display()))?;
    }
    for name in PROVIDERS {
        let program = wasmcloud::program(target, name);
        let archive = folder.join(format!("{name}.par.gz"));
        if is_newer(&program, &archive)? {
            let mut pack = Command::new(launcher);
            pack.arg("pack").arg("--program").arg(&program).args(["--name", name]);
            cargo::run(pack.args(["--version", env!("CARGO_PKG_VERSION")]).arg("--output").arg(&archive))?;
        }
        let copy = named_by_manifests.join(format!("{name}.par.gz"));
        if copy != archive && is_newer(&archive, &copy)? {
            fs::copy(&archive, &copy).with_context(|| format!("{} could not be written", copy.display()))?;
        }
    }
    Ok(())
}

fn archives_folder(target: &Path) -> PathBuf {
    target.join("providers")
}

/// What [`prepare`] builds and takes minutes, as commands.
pub fn builds(target: &Path) -> Result<Vec<Command>> {
    Ok(vec![launcher_build(target)?, providers_build(target)?])
}

fn build_launcher(target: &Path) -> Result<PathBuf> {
    println!("Building the lattice (the first time takes some minutes) …");
    cargo::run(&mut launcher_build(target)?)?;
    let program = format!("waybill-lattice{}", env::consts::EXE_SUFFIX);
    Ok(launcher_folder(target).join("debug").join(program))
}

/// The launcher is a workspace of its own, built in a folder of its own.
fn launcher_build(target: &Path) -> Result<Command> {
    let manifest = cargo::workspace_folder()?.join("wasmcloud/lattice/Cargo.toml");
    let folder = launcher_folder(target);
    let itself = copy_of_itself(&folder)?;
    let mut build = cargo::cargo_on(&manifest, ["build", "--locked"]);
    build.env("CARGO_TARGET_DIR", folder).env("RUSTC_WRAPPER", itself).env(WRAPPING, "1");
    Ok(build)
}

fn launcher_folder(target: &Path) -> PathBuf {
    target.join("wasmcloud/lattice")
}

/// This program under a name of its own: a build of the workspace replaces the file that it was started from.
fn copy_of_itself(folder: &Path) -> Result<PathBuf> {
    let copy = folder.join("rustc-wrapper");
    fs::create_dir_all(folder).with_context(|| format!("{} could not be created", folder.display()))?;
    // The running program, even where its file is gone.
    let program = fs::read("/proc/self/exe").context("this program cannot be read")?;
    if fs::read(&copy).is_ok_and(|there| there == program) {
        return Ok(copy);
    }
    let writing = folder.join("rustc-wrapper.new");
    fs::write(&writing, program)
        .and_then(|()| fs::set_permissions(&writing, fs::Permissions::from_mode(0o755)))
        .and_then(|()| fs::rename(&writing, &copy))
        .with_context(|| format!("{} could not be written", copy.display()))?;
    Ok(copy)
}

/// What this program does when cargo calls it in place of rustc: calls rustc, with one more option for one crate.
///
/// wasmcloud-host 0.27.1 is too deep for rustc 1.95's default limit ("queries overflow the depth limit"), which can only be
/// raised inside of the crate or by this option, which needs `RUSTC_BOOTSTRAP`.
pub fn wrap_rustc() -> Option<Result<()>> {
    env::var_os(WRAPPING)?;
    let mut arguments = env::args_os().skip(1);
    let mut rustc = Command::new(arguments.next()?);
    let arguments: Vec<OsString> = arguments.collect();
    let is_host = arguments.windows(2).any(|pair| pair[0] == "--crate-name" && pair[1] == "wasmcloud_host");
    rustc.args(&arguments);
    if is_host {
        rustc.env("RUSTC_BOOTSTRAP", "1").arg("-Zcrate-attr=recursion_limit=\"256\"");
    }
    Some(match rustc.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => Err(error).context("rustc could not be started"),
    })
}

fn is_newer(source: &Path, than: &Path) -> Result<bool> {
    let modified = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let source_time = modified(source).with_context(|| format!("{} is not built", source.display()))?;
    Ok(modified(than).map_or(true, |time| time < source_time))
}

/// Builds and fetches all that a lattice consists of, but for the components of every host, which are built, and returns the
/// variables by which tests find it.
pub fn prepare(target: &Path) -> Result<Vec<(&'static str, PathBuf)>> {
    let nats_server = nats::ensure(target)?;
    let launcher = build_launcher(target)?;
    build_own(target, &launcher)?;
    Ok(vec![
        ("NATS_SERVER_BIN", nats_server),
        ("WAYBILL_LATTICE", launcher),
        ("WAYBILL_PROVIDERS", archives_folder(target)),
    ])
}
