//! What the lints and tests of both workspaces run with.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::needs::Need;
use super::steps::Steps;
use crate::{cargo, components, helm, pypi, wash};

/// Makes every warning an error.
pub const STRICT: [&str; 3] = ["--", "--deny", "warnings"];

/// Builds what the tests need.
pub fn build(steps: &mut Steps, target: &Path, needs: &BTreeSet<Need>) -> Result<()> {
    if needs.contains(&Need::Components) {
        steps.run("components", || components::build(target))?;
    }
    if needs.contains(&Need::Wasip3) {
        steps.run("components of WASI 0.3", || components::build_wasip3(target))?;
    }
    if needs.contains(&Need::Host) {
        steps.run("build of waybill", cargo::build_host)?;
    }
    Ok(())
}

/// Sets the variables by which tests find what was built and report that they cannot run here.
pub fn environment<'a>(command: &'a mut Command, target: &Path, skips: &Path) -> &'a mut Command {
    // Tests that run at the same time: one more than there are processors, since most of them wait for servers most of the time.
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get) + 1;
    command.env("RUST_TEST_THREADS", threads.to_string());
    command.env(cargo::COMPONENTS_VARIABLE, cargo::components_folder(target));
    command.env("WAYBILL_CLIENT_PYTHON", pypi::CLIENTS.program(target, "python"));
    command.env("WAYBILL_VALIDATORS", pypi::VALIDATORS.folder(target)).envs(wash::variables(target));
    command.envs(helm::variables(target));
    command.env("WAYBILL_BIN", cargo::host_binary(target)).env("WAYBILL_SKIPS", skips)
}
