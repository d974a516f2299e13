//! The tests of what only wasmCloud 1.9 needs, whose workspace is one of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::ahead::Ahead;
use super::environment::{STRICT, build, environment};
use super::needs::{self, Need};
use super::packages::{self, Package};
use super::selection::Selection;
use super::steps::Steps;
use crate::{cargo, components, lattice, wasmcloud};

/// Begins what takes minutes to build, at the lowest priority.
pub fn build_ahead(target: &Path) -> Result<Ahead> {
    let mut builds = lattice::builds(target)?;
    builds.push(lints(target)?);
    builds.push(wasmcloud::cargo(target, ["test", "--workspace", "--no-run"])?);
    Ahead::begin(builds, &target.join("wasmcloud/ahead.log"))
}

/// Format, lints and all tests. What the tests of the other workspace need is there.
pub fn everything(steps: &mut Steps, target: &Path, ahead: Ahead) -> Result<()> {
    let selection = Selection::all(&packages()?);
    steps.run("wasmCloud: builds", || {
        ahead.finish();
        Ok(())
    })?;
    steps.run("wasmCloud: format", || {
        let lattice = cargo::workspace_folder()?.join("wasmcloud/lattice/Cargo.toml");
        for manifest in [wasmcloud::manifest()?, lattice] {
            cargo::run(&mut cargo::cargo_on(&manifest, ["fmt", "--all", "--check"]))?;
        }
        Ok(())
    })?;
    steps.run("wasmCloud: lints", || {
        cargo::run(&mut lints(target)?)?;
        let component = ["clippy", "--package", "waybill-acknowledge", "--target", components::TARGET];
        cargo::run(wasmcloud::cargo(target, component)?.args(STRICT))
    })?;
    tests(steps, target, &selection)
}

fn lints(target: &Path) -> Result<Command> {
    let mut lints = wasmcloud::cargo(target, ["clippy", "--workspace", "--all-targets"])?;
    lints.args(STRICT);
    Ok(lints)
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
