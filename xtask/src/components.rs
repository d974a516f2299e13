//! `cargo xtask components`: the WebAssembly components, built once and copied only when they changed.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::{cargo, wasmcloud};

/// The components' names, which are also their files' names.
const COMPONENTS: [&str; 6] =
    ["orders", "invoices", "postgres-on-spin", "rabbitmq-trigger", "notes", "notes.traced"];
const WASIP3_COMPONENTS: [&str; 2] = ["orders.wasip3", "invoices.wasip3"];

/// Those that a release publishes.
pub const RELEASED: [&str; 4] = ["orders", "invoices", "postgres-on-spin", "rabbitmq-trigger"];

/// What selects the components, their target and their profile, in every cargo command about them.
pub const SELECTION: &[&str] = &[
    "--package",
    "waybill-orders",
    "--package",
    "waybill-invoices",
    "--package",
    "waybill-postgres-on-spin",
    "--package",
    "waybill-rabbitmq-trigger",
    "--package",
    "waybill-example-notes",
    "--package",
    "waybill-example-notes-traced",
    "--target",
    TARGET,
    "--profile",
    PROFILE,
];

pub const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "component";

/// The same for the components of WASI 0.3. In a command of its own: together with the others, Cargo would give both sets the
/// features of this one.
pub const WASIP3_SELECTION: &[&str] = &[
    "--package",
    "waybill-orders-wasip3",
    "--package",
    "waybill-invoices-wasip3",
    "--target",
    TARGET,
    "--profile",
    PROFILE,
];

/// A component loads fast because it is small; these bounds make growth a decision.
const SIZE_LIMIT_BYTES: usize = 1_300_000;

/// What WASI 0.3 adds to a component: tasks and streams beside what Rust's library has of WASI 0.2.
const WASIP3_BYTES: usize = 50_000;

/// That of `invoices.wasm`, two thirds of which make PDFs. As a component of its own that would be called over NATS on wasmCloud,
/// where calls between components can be lost; and it takes no time at the start, since machine code is mapped. A shaper of all scripts
/// is an eighth of it (docs/decisions/0055).
const INVOICES_SIZE_LIMIT_BYTES: usize = 4_900_000;

/// That of `rabbitmq-trigger.wasm`, a megabyte of which is TLS and the list of authorities. It starts once, with its workload.
const TRIGGER_SIZE_LIMIT_BYTES: usize = 1_850_000;

/// Builds the components into `<target>/components` and prints their sizes. The same sources are the same bytes in any folder.
///
/// Manifests name them by `target/components` in the project's folder, so they are there too when cargo builds
/// elsewhere.
pub fn build(target: &Path) -> Result<()> {
    build_selected(SELECTION, &COMPONENTS, target)
}

/// Builds the services for WASI 0.3, beside the others. Not by each command, since it takes as long as the others do.
pub fn build_wasip3(target: &Path) -> Result<()> {
    build_selected(WASIP3_SELECTION, &WASIP3_COMPONENTS, target)
}

fn build_selected(selection: &[&str], names: &[&str], target: &Path) -> Result<()> {
    ensure_target()?;
    let flags = cargo::flags_without_folders(target)?;
    cargo::run(cargo::cargo(["build"])?.args(selection).env(cargo::FLAGS_VARIABLE, flags))?;
    names.iter().try_for_each(|name| keep(name, target, target))
}

/// Builds the component that only wasmCloud needs, whose workspace builds into a folder of its own.
pub fn build_acknowledge(target: &Path) -> Result<()> {
    ensure_target()?;
    let mut command = wasmcloud::cargo(target, ["build", "--package", "waybill-acknowledge"])?;
    cargo::run(command.args(["--target", TARGET, "--profile", PROFILE]))?;
    keep("acknowledge", &wasmcloud::target_folder(target), target)
}

/// Copies a component from where it was built to where it is looked for, and prints its size and sum.
fn keep(name: &str, built_in: &Path, target: &Path) -> Result<()> {
    let named_by_manifests = cargo::components_folder(&cargo::workspace_folder()?.join("target"));
    let folders = [cargo::components_folder(target), named_by_manifests];
    for folder in &folders {
        fs::create_dir_all(folder).with_context(|| format!("{} could not be created", folder.display()))?;
    }
    let built = built_in.join(TARGET).join(PROFILE).join(format!("{}.wasm", name.replace(['-', '.'], "_")));
    let bytes = fs::read(&built).with_context(|| format!("{} could not be read", built.display()))?;
    let limit = match name {
        "orders.wasip3" => SIZE_LIMIT_BYTES + WASIP3_BYTES,
        "invoices" => INVOICES_SIZE_LIMIT_BYTES,
        "invoices.wasip3" => INVOICES_SIZE_LIMIT_BYTES + WASIP3_BYTES,
        "rabbitmq-trigger" => TRIGGER_SIZE_LIMIT_BYTES,
        _ => SIZE_LIMIT_BYTES,
    };
    if bytes.len() > limit {
        bail!("{name}.wasm has {} bytes; the limit is {limit}", bytes.len());
    }
    for folder in &folders {
        copy_when_changed(&bytes, &folder.join(format!("{name}.wasm")))?;
    }
    println!("{name:<16} {:>7} bytes  SHA-256 {}", bytes.len(), hex::encode(Sha256::digest(&bytes)));
    Ok(())
}

/// A file that is written again gets a new time, which would rebuild a host that embeds it.
fn copy_when_changed(bytes: &[u8], to: &Path) -> Result<()> {
    if fs::read(to).is_ok_and(|present| present == bytes) {
        return Ok(());
    }
    // Written beside and renamed, so that no reader sees half a component.
    let partial = to.with_extension("wasm.partial");
    fs::write(&partial, bytes)
        .and_then(|()| fs::rename(&partial, to))
        .with_context(|| format!("{} could not be written", to.display()))
}

/// Adds the wasm target to the toolchain when it is missing.
pub fn ensure_target() -> Result<()> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .context("rustc could not be started")?;
    let folder = String::from_utf8_lossy(&output.stdout);
    if output.status.success() && Path::new(folder.trim()).is_dir() {
        return Ok(());
    }
    if !cargo::answers("rustup", &["--version"]) {
        bail!(
            "the target {TARGET} is not installed and rustup was not found to add it; \
             install Rust from https://rustup.rs, or this target with the package manager that Rust came from"
        );
    }
    println!("Adding the target {TARGET} …");
    cargo::run(Command::new("rustup").args(["target", "add", TARGET]))
}
