//! `cargo xtask fuzz`: any bytes at all for the parsers of outside input.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo;

/// The longest time that one input may take, in seconds: a parser that takes longer is slow enough to be attacked.
const INPUT_LIMIT_S: u32 = 10;

/// The most memory of a target.
const MEMORY_LIMIT_MIB: u32 = 2048;

#[derive(clap::Args)]
pub struct Settings {
    /// The targets, such as `broker_url`; all of them if none is named.
    targets: Vec<String>,
    /// How long each target runs.
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Only check the inputs that are kept in fuzz/corpus, on this compiler and without libFuzzer.
    #[arg(long, conflicts_with_all = ["targets", "seconds"])]
    replay: bool,
}

pub fn run(settings: &Settings) -> Result<()> {
    let folder = cargo::workspace_folder()?.join("fuzz");
    if settings.replay {
        let arguments = ["test", "--locked", "--no-default-features", "--test", "replay"];
        return cargo::run(&mut cargo::cargo_on(&folder.join("Cargo.toml"), arguments));
    }
    let targets = chosen(&settings.targets, all(&folder)?)?;
    require_programs()?;
    for target in &targets {
        let grown = folder.join("target").join("corpus").join(target);
        fs::create_dir_all(&grown).with_context(|| format!("{} could not be made", grown.display()))?;
        // libFuzzer writes what it finds to the first folder, so that only inputs that a person chose are in the other one.
        let corpora = [grown, folder.join("corpus").join(target)];
        println!("{target}, for {} s", settings.seconds);
        // Our code has no `unsafe`, so the address sanitizer would only halve the number of inputs.
        let mut command = cargo_fuzz(&folder, ["run", "--sanitizer", "none"]);
        command.arg(target).args(corpora).arg("--");
        command.arg(format!("-max_total_time={}", settings.seconds));
        command.args([format!("-timeout={INPUT_LIMIT_S}"), format!("-rss_limit_mb={MEMORY_LIMIT_MIB}")]);
        cargo::run(command.arg("-print_final_stats=1")).with_context(|| {
            format!("{target} found an input that breaks a property: CONTRIBUTING.md says what to do with it")
        })?;
    }
    Ok(())
}

fn all(folder: &Path) -> Result<Vec<String>> {
    let folder = folder.join("fuzz_targets");
    let files = fs::read_dir(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let names =
        files.map(|file| Ok(file?.path().file_stem().unwrap_or_default().to_string_lossy().into_owned()));
    let mut names = names.collect::<Result<Vec<_>>>()?;
    names.sort();
    Ok(names)
}

fn chosen(named: &[String], all: Vec<String>) -> Result<Vec<String>> {
    match named.iter().find(|name| !all.contains(name)) {
        Some(unknown) => bail!("there is no target {unknown}; the targets are {}", all.join(", ")),
        None if named.is_empty() => Ok(all),
        None => Ok(named.to_vec()),
    }
}

fn require_programs() -> Result<()> {
    if !cargo::answers("cargo", &["fuzz", "--version"]) {
        bail!("cargo-fuzz is not installed: cargo install cargo-fuzz --locked");
    }
    Ok(())
}

/// A command of cargo-fuzz, which needs no nightly compiler where it adds no sanitizer.
fn cargo_fuzz<S: AsRef<OsStr>>(folder: &Path, arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new("cargo");
    command.arg("fuzz").args(arguments).arg("--fuzz-dir").arg(folder);
    cargo::forget_this_run(&mut command);
    command
}

#[cfg(test)]
mod tests {
    use super::chosen;

    #[test]
    fn a_target_that_does_not_exist_is_named_with_those_that_do() {
        let all = || vec!["accept".to_owned(), "time".to_owned()];
        assert_eq!(chosen(&[], all()).unwrap(), all());
        assert_eq!(chosen(&["time".to_owned()], all()).unwrap(), ["time"]);
        let error = chosen(&["tim".to_owned()], all()).unwrap_err().to_string();
        assert_eq!(error, "there is no target tim; the targets are accept, time");
    }
}
