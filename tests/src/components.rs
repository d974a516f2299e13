//! The components under test.

use std::path::PathBuf;
use std::str::FromStr;
use std::{env, fs};

/// The version of WASI for which the services are built.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Wasi {
    /// 0.2.
    #[default]
    V0_2,
    /// 0.3, built by `cargo xtask components --wasip3`.
    V0_3,
}

impl Wasi {
    /// The name of a service's component, which is also its file's and its image's.
    pub fn component(self, service: &str) -> String {
        match self {
            Self::V0_2 => service.to_owned(),
            Self::V0_3 => format!("{service}.wasip3"),
        }
    }
}

impl FromStr for Wasi {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "0.2" => Ok(Self::V0_2),
            "0.3" => Ok(Self::V0_3),
            _ => Err("it must be 0.2 or 0.3"),
        }
    }
}

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
