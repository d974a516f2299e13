//! `cargo xtask test`: what the tests need, format, lints, components, host, and tests; then a summary.

mod ahead;
mod environment;
mod needs;
mod of_wasmcloud;
mod packages;
mod selection;
mod steps;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, bail};
use clap::Args;

use self::environment::{STRICT, build, environment};
use self::needs::Need;
use self::selection::Selection;
use self::steps::Steps;
use crate::{cargo, clients, components, helm, node, pypi, wash};

#[derive(Args)]
pub struct Settings {
    /// Only run these tests: those of a package, of a file in a folder `tests`, or whose name has this in it. Only what
    /// they need is installed and built, and format and lints are left out.
    #[arg(conflicts_with_all = ["quick", "all"])]
    name: Option<String>,
    /// Check format and lints, and run the tests that need no server but PostgreSQL.
    #[arg(long, conflicts_with = "all")]
    quick: bool,
    /// Run everything, also what is for wasmCloud 1.9 only, whose host takes some minutes to build the first time.
    #[arg(long)]
    all: bool,
}

/// Runs all steps up to the first that fails, then prints how long each took, what was skipped and what was not run.
pub fn run(settings: &Settings) -> Result<()> {
    let target = cargo::target_folder()?;
    let mut steps = Steps::new(target.join("skips.txt"))?;
    let outcome = match settings {
        Settings { name: Some(name), .. } => named(&mut steps, &target, name),
        Settings { quick: true, .. } => quick(&mut steps, &target),
        Settings { all, .. } => everything(&mut steps, &target, *all),
    };
    steps.summarize();
    if let Err(error) = outcome {
        println!("Next: correct it; `cargo xtask test NAME` runs only the tests whose name has NAME in it.");
        return Err(error);
    }
    if let Some((what, command)) = settings.not_run() {
        println!("not run: {what}; `{command}` runs it");
    }
    println!("All that was run passed. Next: cargo xtask up");
    Ok(())
}

impl Settings {
    /// What was left out, and the command that runs it.
    fn not_run(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self { name: Some(_), .. } => Some(("format, lints and all other tests", "cargo xtask test")),
            Self { quick: true, .. } => {
                Some(("tests that need RabbitMQ, a browser, npm or the whole program", "cargo xtask test"))
            }
            Self { all: false, .. } => Some(("what is for wasmCloud 1.9 only", "cargo xtask test --all")),
            Self { all: true, .. } => None,
        }
    }
}

fn everything(steps: &mut Steps, target: &Path, all: bool) -> Result<()> {
    let selection = Selection::all(&packages::of_workspace(&cargo::manifest()?)?);
    steps.run("programs for tests", || needs::install(&selection.needs))?;
    // They need the network, the build needs the processor.
    let installation = node::begin()?;
    let (rules, wasmcloud) = (pypi::VALIDATORS.begin(target), wash::begin(target));
    let chart = helm::begin(target);
    let python = pypi::CLIENTS.begin(target);
    check(steps)?;
    build(steps, target, &selection.needs)?;
    steps.run("build of the tests", || {
        selection.run(|arguments| cargo::cargo(arguments), |command| command.arg("--no-run"))
    })?;
    steps.run("npm's packages", || installation.finish())?;
    steps.run("validators of invoices", || rules.finish())?;
    steps.run("wasmCloud 2", || wasmcloud.finish())?;
    steps.run("Helm", || chart.finish())?;
    steps.run("clients", || python.finish().and_then(|()| clients::make(target)))?;
    let skips = steps.skips().to_owned();
    steps.run("infra", || node::test("infra", &skips))?;
    steps.run("hosted workflows", || node::test("tests/workflows", &skips))?;
    let ahead = all.then(|| of_wasmcloud::build_ahead(target)).transpose()?;
    tests(steps, target, &selection)?;
    // Among them what docs/adding-an-endpoint.md writes.
    steps.run("examples in documentation", || {
        let packages = [
            "--package",
            "waybill-service",
            "--package",
            "waybill-service-macros",
            "--package",
            "waybill-statement-macro",
        ];
        cargo::run(cargo::cargo(["test", "--doc"])?.args(packages))
    })?;
    // Only a released program has them, so no other step compiles it.
    steps.run("bundled programs", || {
        let arguments =
            ["test", "--package", "waybill-local-postgres", "--features", "bundle", "--lib", "bundle"];
        cargo::run(&mut cargo::cargo(arguments)?)
    })?;
    // Only components have it, so no other step compiles it for this machine.
    steps.run("cryptography of components", || {
        let arguments = ["test", "--package", "waybill-tls-provider", "--features", "native"];
        cargo::run(&mut cargo::cargo(arguments)?)
    })?;
    ahead.map_or(Ok(()), |ahead| of_wasmcloud::everything(steps, target, ahead))
}

fn quick(steps: &mut Steps, target: &Path) -> Result<()> {
    check(steps)?;
    let selection = Selection::quick(&packages::of_workspace(&cargo::manifest()?)?);
    prepare(steps, target, &selection.needs)?;
    tests(steps, target, &selection)
}

/// Looks for the name in wasmCloud's workspace only if nothing else has it, since that takes long to build.
fn named(steps: &mut Steps, target: &Path, name: &str) -> Result<()> {
    if let Some(selection) = Selection::named(&packages::of_workspace(&cargo::manifest()?)?, name)? {
        prepare(steps, target, &selection.needs)?;
        return tests(steps, target, &selection);
    }
    if !of_wasmcloud::named(steps, target, name)? {
        bail!(
            "no package, no file in a folder `tests` and no test has `{name}` in its name; `cargo xtask test` runs all tests"
        );
    }
    Ok(())
}

/// Format and lints.
fn check(steps: &mut Steps) -> Result<()> {
    steps.run("format", || cargo::run(&mut cargo::cargo(["fmt", "--all", "--check"])?))?;
    steps.run("lints", || {
        cargo::run(cargo::cargo(["clippy", "--workspace", "--all-targets"])?.args(STRICT))?;
        components::ensure_target()?;
        let provider = ["--package", "waybill-tls-provider"];
        cargo::run(cargo::cargo(["clippy"])?.args(components::SELECTION).args(provider).args(STRICT))?;
        cargo::run(cargo::cargo(["clippy"])?.args(components::WASIP3_SELECTION).args(STRICT))
    })
}

/// Installs and builds what the tests need.
fn prepare(steps: &mut Steps, target: &Path, needs: &BTreeSet<Need>) -> Result<()> {
    if !needs.is_empty() {
        steps.run("programs for tests", || needs::install(needs))?;
    }
    if needs.contains(&Need::Npm) {
        steps.run("npm's packages", || node::begin()?.finish())?;
    }
    if needs.contains(&Need::Validators) {
        steps.run("validators of invoices", || pypi::VALIDATORS.begin(target).finish())?;
    }
    if needs.contains(&Need::Helm) {
        steps.run("Helm", || helm::begin(target).finish())?;
    }
    if needs.contains(&Need::Clients) {
        steps.run("clients", || {
            pypi::CLIENTS.begin(target).finish()?;
            clients::make(target)
        })?;
    }
    if needs.contains(&Need::Wash) {
        steps.run("wasmCloud 2", || wash::begin(target).finish())?;
    }
    build(steps, target, needs)
}

fn tests(steps: &mut Steps, target: &Path, selection: &Selection) -> Result<()> {
    let skips = steps.skips().to_owned();
    steps.run("tests", || {
        selection.run(|arguments| cargo::cargo(arguments), |command| environment(command, target, &skips))
    })
}
