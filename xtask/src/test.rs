//! `cargo xtask test`: what the tests need, format, lints, components, host, and every test; then a summary.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::components::SELECTION;
use crate::{cargo, components, packages};

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
    steps.run("servers for tests", packages::ensure)?;
    if filter.is_none() {
        steps.run("format", || cargo::run(&mut cargo::command(target, ["fmt", "--all", "--check"])))?;
    }
    // Before the lints, because the host's source includes the components' bytes.
    steps.run("components", || components::build(target))?;
    if filter.is_none() {
        steps.run("lints", || lint(target))?;
    }
    steps.run("build", || {
        cargo::run(cargo::command(target, ["build"]).args(cargo::WORKSPACE).args(TARGETS))
    })?;
    steps.run("tests", || {
        let mut command = cargo::command(target, ["test", "--no-fail-fast"]);
        command.args(cargo::WORKSPACE).args(TARGETS).args(filter);
        command.env("WAYBILL_BIN", cargo::host_binary(target)).env("WAYBILL_SKIPS", skips);
        cargo::run(&mut command)
    })
}

/// Lints the workspace, then once more what only exists in a component.
fn lint(target: &Path) -> Result<()> {
    let strict = ["--", "--deny", "warnings"];
    cargo::run(
        cargo::command(target, ["clippy", "--no-deps"]).args(cargo::WORKSPACE).args(TARGETS).args(strict),
    )?;
    cargo::run(cargo::command(target, ["clippy"]).args(SELECTION).args(strict))
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
    fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> Result<()> {
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
