//! Cargo and other programs, called so that a failure names what was called.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Names the folder of the components: to the tests, and to the build of a host that has them inside.
pub const COMPONENTS_VARIABLE: &str = "WAYBILL_COMPONENTS";
const COMPONENTS_FOLDER: &str = "components";

/// Names the folder of what the components are compiled into.
pub const COMPILED_VARIABLE: &str = "WAYBILL_COMPILED";

/// Flags of rustc, separated by U+001F.
pub const FLAGS_VARIABLE: &str = "CARGO_ENCODED_RUSTFLAGS";

/// The variables that `cargo run` sets for the program that it runs, which is this one, or the beginnings of their names.
const OF_THIS_RUN: &[&str] = &[
    "CARGO_BIN_",
    "CARGO_CRATE_NAME",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PRIMARY_PACKAGE",
    "CARGO_TARGET_TMPDIR",
];

/// Where this checkout's build results go. Cargo is asked, so that `CARGO_TARGET_DIR` (a relative one too) and its
/// configuration files count here as they do for cargo itself.
pub fn target_folder() -> Result<PathBuf> {
    let metadata = metadata(&manifest()?)?;
    let folder = metadata["target_directory"].as_str().context("cargo metadata names no target folder")?;
    Ok(PathBuf::from(folder))
}

/// The project's folder, which the workspace's manifest is in.
pub fn workspace_folder() -> Result<PathBuf> {
    let own = env::var_os("CARGO_MANIFEST_DIR").context("this program is to be started by `cargo xtask`")?;
    Ok(Path::new(&own).parent().context("the folder of xtask is in no other one")?.to_owned())
}

/// Flags by which the compiler names the folders of this machine alike on all machines, in the texts of panics above all.
pub fn flags_without_folders(target: &Path) -> Result<String> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .context("there is no CARGO_HOME")?;
    // Of two that fit, rustc takes the later one.
    let folders = [(workspace_folder()?, "/waybill"), (target.to_owned(), "/target"), (home, "/cargo")];
    let flags = folders.map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display()));
    Ok(flags.join("\u{1f}"))
}

/// What cargo knows of a workspace's packages.
pub fn metadata(manifest: &Path) -> Result<serde_json::Value> {
    let output = Command::new(program())
        .args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"])
        .arg(manifest)
        .output()
        .context("cargo metadata could not be started")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata gave no JSON")
}

/// Where the built components are kept for hosts and tests.
pub fn components_folder(target: &Path) -> PathBuf {
    target.join(COMPONENTS_FOLDER)
}

/// Where the components are kept as machine code, for `up` and for the tests.
pub fn compiled_folder(target: &Path) -> PathBuf {
    host_binary(target).with_file_name("compiled")
}

pub fn host_binary(target: &Path) -> PathBuf {
    target.join("debug").join(format!("waybill{}", env::consts::EXE_SUFFIX))
}

pub fn manifest() -> Result<PathBuf> {
    Ok(workspace_folder()?.join("Cargo.toml"))
}

/// A cargo command about the workspace. It runs where this program was started, as cargo itself would: relative paths in the
/// caller's settings keep their meaning.
pub fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Result<Command> {
    Ok(cargo_on(&manifest()?, arguments))
}

/// A cargo command about the workspace of a manifest.
pub fn cargo_on<S: AsRef<OsStr>>(manifest: &Path, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(program());
    command.args(arguments).arg("--manifest-path").arg(manifest);
    forget_this_run(&mut command);
    command
}

pub fn build_host() -> Result<()> {
    run(&mut cargo(["build", "--package", "waybill", "--bin", "waybill"])?)
}

/// Removes the variables that cargo sets for this program. Build scripts that watch these variables (ring's does) would run
/// again, and all that is above them would be compiled again, each time that a build by this program follows one by hand.
pub fn forget_this_run(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if OF_THIS_RUN.iter().any(|beginning| text.starts_with(beginning)) {
            command.env_remove(&name);
        }
    }
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

#[cfg(test)]
mod tests {
    use super::cargo;

    #[test]
    fn what_cargo_tells_this_program_about_itself_is_not_handed_on() {
        // `cargo test` sets these as `cargo run` does.
        assert!(
            std::env::var_os("CARGO_PKG_NAME").is_some() && std::env::var_os("CARGO_MANIFEST_DIR").is_some()
        );
        let command = cargo(["build"]).unwrap();
        let removed: Vec<_> =
            command.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        for name in ["CARGO_PKG_NAME", "CARGO_PKG_VERSION", "CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"] {
            assert!(removed.iter().any(|found| *found == name), "{name} is passed on");
        }
        for name in ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO"] {
            assert!(!removed.iter().any(|found| *found == name), "{name} is lost");
        }
    }
}
