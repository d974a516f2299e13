//! Cargo and other programs, called so that a failure names what was called.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The native build has one shape: every command selects the whole workspace and this feature. Cargo unifies the
/// features of dependencies over what is selected, so with another selection it would build the same dependencies
/// once more.
pub const WORKSPACE: &[&str] = &["--workspace", "--features", "waybill/embedded-components"];

/// The names of the variable that tells the build of the host where the components are, and of the folder.
const COMPONENTS_VARIABLE: &str = "WAYBILL_COMPONENTS";
const COMPONENTS_FOLDER: &str = "components";

/// Where this checkout's build results go. Cargo is asked, so that `CARGO_TARGET_DIR` (a relative one too) and its
/// configuration files count here as they do for cargo itself.
pub fn target_folder() -> Result<PathBuf> {
    folder_in_metadata("target_directory")
}

/// The project's folder, which the workspace's manifest is in.
pub fn workspace_folder() -> Result<PathBuf> {
    folder_in_metadata("workspace_root")
}

fn folder_in_metadata(name: &str) -> Result<PathBuf> {
    let output = Command::new(program())
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .context("cargo metadata could not be started")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).context("cargo metadata gave no JSON")?;
    let folder = metadata[name].as_str().with_context(|| format!("cargo metadata names no {name}"))?;
    Ok(PathBuf::from(folder))
}

/// Where the built components are kept for the host's build and for the tests.
pub fn components_folder(target: &Path) -> PathBuf {
    target.join(COMPONENTS_FOLDER)
}

/// The host's binary of the one native profile.
pub fn host_binary(target: &Path) -> PathBuf {
    target.join("debug").join(format!("waybill{}", env::consts::EXE_SUFFIX))
}

/// A cargo command that knows where the components are. It runs where this program was started, as cargo itself would:
/// relative paths in the caller's settings keep their meaning.
pub fn command<S: AsRef<OsStr>>(target: &Path, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).env(COMPONENTS_VARIABLE, components_folder(target));
    command
}

/// Runs a command to its end with its output shown; anything but success is an error that names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let line = describe(command);
    let status = command.status().with_context(|| format!("`{line}` could not be started"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Whether a program can be started from here, judged by its answer to the given arguments.
pub fn answers(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// The cargo that started this program, so that both are of one toolchain.
fn program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![program.file_name().unwrap_or(program.as_os_str()).to_string_lossy()];
    words.extend(command.get_args().map(OsStr::to_string_lossy));
    words.join(" ")
}
