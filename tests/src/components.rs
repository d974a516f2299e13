//! The components under test.

use std::path::PathBuf;
use std::{env, fs};

/// Where `cargo xtask components` puts a component.
pub fn component_path(name: &str) -> PathBuf {
    let folder = env::var_os("WAYBILL_COMPONENTS").map_or_else(
        // target/debug/deps/this-test → target/components
        || env::current_exe().ok().and_then(|test| Some(test.ancestors().nth(3)?.join("components"))),
        |folder| Some(PathBuf::from(folder)),
    );
    folder.unwrap_or_default().join(format!("{name}.wasm"))
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
