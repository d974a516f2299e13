//! `cargo xtask test`: what the tests need, format, lints, components, host, and every test; then a summary.

use std::fs;
use std::num::NonZero;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::components::SELECTION;
use crate::{cargo, components, lattice, node, packages};

/// The targets that are built and tested. Not `--all-targets`: that would link the components' libraries natively,
/// where the names of what they export are not allowed.
const TARGETS: &[&str] = &["--lib", "--bins", "--tests"];

/// Runs all steps up to the first that fails, then tells how long each took and what was skipped.
pub fn run(filter: Option<&str>) -> Result<()> {
    let target = cargo::target_folder()?;
    let skips = target.join("skips.txt");
    forget(&skips)?;
    let mut steps = Steps::default();
    let outcome = all_steps(&mut steps, &target, &skips, filter);
    steps.summarize(&skips);
    match &outcome {
        Ok(()) => println!("Everything passed. Next: cargo xtask up"),
        Err(_) if filter.is_some() => println!("Next: correct it, then the whole of it: cargo xtask test"),
        Err(_) => println!(
            "Next: correct it; `cargo xtask test NAME` runs only the tests whose name has NAME in it."
        ),
    }
    outcome
}

fn all_steps(steps: &mut Steps, target: &Path, skips: &Path, filter: Option<&str>) -> Result<()> {
    steps.run("programs for tests", packages::ensure)?;
    let installation = node::begin()?;
    if filter.is_none() {
        steps.run("format", || format(target))?;
    }
    steps.run("components", || components::build(target))?;
    if filter.is_none() {
        steps.run("component lints", || {
            let strict = ["--", "--deny", "warnings"];
            cargo::run(cargo::command(target, ["clippy"]).args(SELECTION).args(strict))
        })?;
    }
    steps.run("build and lints", || cargo::run(linted(cargo::command(target, ["build"])).args(TARGETS)))?;
    let lattice = steps.run("lattice", || lattice::prepare(target))?;
    steps.run("npm's packages", || installation.finish())?;
    if filter.is_none() {
        steps.run("infra", || node::test_infra(skips))?;
    }
    steps.run("tests", || {
        let mut command = linted(cargo::command(target, ["test", "--no-fail-fast"]));
        command.args(TARGETS).args(filter);
        command.env("RUST_TEST_THREADS", threads().to_string());
        command.env("WAYBILL_BIN", cargo::host_binary(target)).env("WAYBILL_SKIPS", skips).envs(lattice);
        cargo::run(&mut command)
    })
}

/// Tests that run at the same time. One more than there are processors: most of them wait for servers most of the time.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get) + 1
}

/// Checks the format of the workspace and of the lattice, which is one of its own.
fn format(target: &Path) -> Result<()> {
    for manifest in ["Cargo.toml", "lattice/Cargo.toml"] {
        let manifest = cargo::workspace_folder()?.join(manifest);
        let mut command = cargo::command(target, ["fmt", "--all", "--check", "--manifest-path"]);
        cargo::run(command.arg(manifest))?;
    }
    Ok(())
}

/// Has the workspace compiled by Clippy, which is rustc with more lints, and every warning be an error. `cargo clippy` would
/// check all the dependencies once more, which takes as long as a third of their build.
fn linted(mut command: Command) -> Command {
    command.args(cargo::WORKSPACE);
    command.env("RUSTC_WORKSPACE_WRAPPER", "clippy-driver");
    // How cargo-clippy hands arguments to it.
    command.env("CLIPPY_ARGS", "--deny__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__");
    command
}

fn forget(skips: &Path) -> Result<()> {
    match fs::remove_file(skips) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(anyhow!(error).context(format!("{} could not be removed", skips.display())))
        }
        _ => Ok(()),
    }
}

/// The steps so far, for the summary.
#[derive(Default)]
struct Steps(Vec<(&'static str, Duration, bool)>);

impl Steps {
    fn run<T>(&mut self, name: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n=== {name}");
        let start = Instant::now();
        let outcome = step().with_context(|| format!("the step `{name}` failed"));
        self.0.push((name, start.elapsed(), outcome.is_ok()));
        outcome
    }

    fn summarize(&self, skips: &Path) {
        println!("\n=== summary");
        for (name, duration, passed) in &self.0 {
            let verdict = if *passed { "ok" } else { "FAILED" };
            println!("{name:<20} {:>7.1} s  {verdict}", duration.as_secs_f64());
        }
        // Tests write a line `NAME: REASON` into this file when they cannot run here; no file means no skip.
        for line in fs::read_to_string(skips).unwrap_or_default().lines() {
            match line.split_once(": ") {
                Some((name, reason)) => println!("skipped: {name} ({reason})"),
                None => println!("skipped: {line}"),
            }
        }
    }
}
