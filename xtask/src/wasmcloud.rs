//! The workspace of what only wasmCloud 1.9 needs.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::cargo;

/// Its target folder, the one in `wasmcloud/.cargo/config.toml`.
pub fn target_folder(target: &Path) -> PathBuf {
    target.join("wasmcloud")
}

/// A cargo command about it.
pub fn cargo<S: AsRef<OsStr>>(target: &Path, arguments: impl IntoIterator<Item = S>) -> Result<Command> {
    let mut command = cargo::cargo_on(&manifest()?, arguments);
    command.env("CARGO_TARGET_DIR", target_folder(target));
    Ok(command)
}

pub fn manifest() -> Result<PathBuf> {
    Ok(cargo::workspace_folder()?.join("wasmcloud/Cargo.toml"))
}

/// A program of it, which is built.
pub fn program(target: &Path, name: &str) -> PathBuf {
    target_folder(target).join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}
