//! The tests of what only wasmCloud 1.9 needs, whose workspace is one of its own.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::environment::{STRICT, build, environment};
use super::needs::{self, Need};
use super::packages::{self, Package};
use super::selection::Selection;
use super::steps::Steps;
use crate::{cargo, components, lattice, wasmcloud};

/// Format, lints and all tests. What the tests of the other workspace need is there.
pub fn everything(steps: &mut Steps, target: &Path) -> Result<()> {
    let selection = Selection::all(&packages()?);
    steps.run("wasmCloud: format", || {
        let lattice = cargo::workspace_folder()?.join("wasmcloud/lattice/Cargo.toml");
        for manifest in [wasmcloud::manifest()?, lattice] {
            cargo::run(&mut cargo::cargo_on(&manifest, ["fmt", "--all", "--check"]))?;
        }
        Ok(())
    })?;
    steps.run("wasmCloud: lints", || {
        cargo::run(wasmcloud::cargo(target, ["clippy", "--workspace", "--all-targets"])?.args(STRICT))?;
        let component = ["clippy", "--package", "waybill-acknowledge", "--target", components::TARGET];
        cargo::run(wasmcloud::cargo(target, component)?.args(STRICT))
    })?;
    tests(steps, target, &selection)
}

/// Runs the tests that have this in their names. Returns false if there are no such tests.
pub fn named(steps: &mut Steps, target: &Path, name: &str) -> Result<bool> {
    let Some(selection) = Selection::named(&packages()?, name)? else { return Ok(false) };
    if !selection.needs.is_empty() {
        steps.run("programs for tests", || needs::install(&selection.needs))?;
    }
    build(steps, target, &selection.needs)?;
    tests(steps, target, &selection)?;
    Ok(true)
}

fn tests(steps: &mut Steps, target: &Path, selection: &Selection) -> Result<()> {
    let variables: Vec<(&str, PathBuf)> = if selection.needs.contains(&Need::Lattice) {
        steps.run("wasmCloud: lattice", || lattice::prepare(target))?
    } else {
        Vec::new()
    };
    let skips = steps.skips().to_owned();
    steps.run("wasmCloud: tests", || {
        let cargo = |arguments: &[&str]| wasmcloud::cargo(target, arguments);
        selection.run(cargo, |command| environment(command, target, &skips).envs(variables.iter().cloned()))
    })
}

fn packages() -> Result<Vec<Package>> {
    packages::of_workspace(&wasmcloud::manifest()?)
}
