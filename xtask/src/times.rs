//! `cargo xtask times`: what a first build takes.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::cargo;

/// Builds what `cargo xtask up` builds, and then what the tests add, in a new folder, and prints a table for `docs/building.md`.
pub fn run() -> Result<()> {
    let folder = std::env::temp_dir().join(format!("waybill-times-{}", std::process::id()));
    let outcome = measure(&folder);
    let removed =
        fs::remove_dir_all(&folder).with_context(|| format!("{} could not be removed", folder.display()));
    print!("{}", outcome?);
    removed
}

/// Each step is a command that a person runs, into a folder where nothing is built yet.
fn measure(folder: &Path) -> Result<String> {
    let mut components = Command::new(std::env::current_exe().context("this program has no path")?);
    components.arg("components");
    let steps: [(&str, &[&str]); 3] = [
        ("cargo build --package waybill", &["build", "--package", "waybill", "--bin", "waybill"]),
        ("the same again, nothing changed", &["build", "--package", "waybill", "--bin", "waybill"]),
        ("cargo test --no-run", &["test", "--no-run", "--lib", "--bins", "--tests"]),
    ];
    let mut table = String::from("\n| Step | Time | Target folder after it |\n| --- | --- | --- |\n");
    let mut commands = vec![("cargo xtask components", components)];
    for (name, arguments) in steps {
        commands.push((name, cargo::cargo(arguments)?));
    }
    for (name, mut command) in commands {
        let begun = Instant::now();
        cargo::run(command.env("CARGO_TARGET_DIR", folder))?;
        let seconds = begun.elapsed().as_secs();
        let megabytes = size(folder)? / 1_000_000;
        writeln!(table, "| {name} | {} min {:02} s | {megabytes} MB |", seconds / 60, seconds % 60)?;
    }
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Ok(format!("{table}\n{processors} processors; `waybill` is built from {} packages.\n", packages()?))
}

/// How many packages the program is built from, its own ones among them.
fn packages() -> Result<usize> {
    let arguments = ["tree", "--package", "waybill", "--edges", "normal,build", "--prefix", "none"];
    let output = cargo::cargo(arguments)?.output().context("cargo tree could not be started")?;
    if !output.status.success() {
        bail!("cargo tree failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // `name v1.2.3 (*)`; the mark says that it was shown before.
    let names = text.lines().filter_map(|line| line.split_once(" v"));
    let packages = names.map(|(name, rest)| (name, rest.split(' ').next()));
    Ok(packages.collect::<BTreeSet<_>>().len())
}

/// What the files in a folder have together, in bytes. Hard links count once: `du` knows of them.
fn size(folder: &Path) -> Result<u64> {
    let output = Command::new("du").arg("-sk").arg(folder).output().context("du could not be started")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let kilobytes: u64 =
        text.split_whitespace().next().unwrap_or_default().parse().context("du gave no number")?;
    Ok(kilobytes * 1024)
}
