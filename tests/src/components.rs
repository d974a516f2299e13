//! The components under test.

use std::path::PathBuf;
use std::{env, fs};

/// Where `cargo xtask components` puts a component.
pub fn component_path(name: &str) -> PathBuf {
    named_or_in_target("WAYBILL_COMPONENTS", "components").join(format!("{name}.wasm"))
}

/// A program that a variable names, or that `cargo xtask test` has installed into the target folder, if it is there.
pub fn installed_program(variable: &str, in_target: &str) -> Option<PathBuf> {
    let program = named_or_in_target(variable, in_target);
    let is_on_path = program.components().count() == 1;
    (is_on_path || program.exists()).then_some(program)
}

/// What a variable names, or else a path in the target folder.
pub(crate) fn named_or_in_target(variable: &str, in_target: &str) -> PathBuf {
    let found = env::var_os(variable).map(PathBuf::from).or_else(|| {
        // target/debug/deps/this-test → target
        Some(env::current_exe().ok()?.ancestors().nth(3)?.join(in_target))
    });
    found.unwrap_or_default()
}

/// The bytes of a component, as `cargo xtask components` built them.
///
/// # Panics
/// When it is not built.
pub fn component_bytes(name: &str) -> Vec<u8> {
    let path = component_path(name);
    fs::read(&path)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask components`", path.display()))
}
