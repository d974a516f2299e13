//! The released program: what it needs of the machine that it runs on, and what it says of itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use elf::ElfBytes;
use elf::endian::AnyEndian;

use crate::files::{Files, read};

/// The shells whose completions are shipped, with the names of their files.
const COMPLETIONS: [(&str, &str); 3] =
    [("bash", "waybill.bash"), ("zsh", "_waybill"), ("fish", "waybill.fish")];

/// The program as it was built.
pub struct Program {
    /// What is asked: itself, or one of the same sources for this machine.
    native: PathBuf,
    is_native: bool,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its version, as Cargo knows it.
    pub version: String,
}

impl Program {
    /// Reads it and asks it for its version.
    pub fn of(path: &Path, native: Option<&Path>) -> Result<Self> {
        let mut program = Self {
            // It is run elsewhere.
            native: std::path::absolute(native.unwrap_or(path))?,
            is_native: native.is_none(),
            bytes: read(path)?,
            version: String::new(),
        };
        let answer = program.answer(&["--version"])?;
        let version = answer.trim().strip_prefix("waybill ").context("its --version names no version")?;
        version.clone_into(&mut program.version);
        Ok(program)
    }

    /// The completions for shells, by the names that their shells look for.
    pub fn completions(&self) -> Result<Vec<(&'static str, &'static str, String)>> {
        COMPLETIONS
            .iter()
            .map(|(shell, file)| Ok((*shell, *file, self.answer(&["completions", shell])?)))
            .collect()
    }

    /// The manual pages, one for each command.
    pub fn manual(&self) -> Result<Files> {
        let folder = tempfile::tempdir()?;
        self.answer(&["manual", folder.path().to_str().context("the folder's name is not UTF-8")?])?;
        let mut pages = Files::default();
        for entry in std::fs::read_dir(folder.path())? {
            let entry = entry?;
            pages.add(entry.file_name().to_string_lossy(), read(&entry.path())?);
        }
        ensure!(pages.regular().count() > 0, "{} wrote no manual", self.native.display());
        Ok(pages)
    }

    /// What `waybill compile` makes of its components on this machine.
    pub fn compiled(&self, folder: &Path) -> Result<()> {
        ensure!(self.is_native, "components are compiled on the processor that they run on");
        let folder = folder.to_str().context("the folder's name is not UTF-8")?;
        self.answer(&["compile", "--compiled", folder]).map(drop)
    }

    fn answer(&self, arguments: &[&str]) -> Result<String> {
        let name = self.native.display();
        let output = Command::new(&self.native)
            .args(arguments)
            // The settings of this machine are no part of a release.
            .env_clear()
            .current_dir(std::env::temp_dir())
            .output()
            .with_context(|| format!("{name} could not be started"))?;
        if !output.status.success() {
            bail!("{name} {}: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        String::from_utf8(output.stdout).with_context(|| format!("{name} wrote no UTF-8"))
    }

    /// The oldest version of glibc that has all that the program takes from it.
    pub fn glibc(&self) -> Result<String> {
        oldest_glibc(&self.bytes)
    }
}

/// The newest `GLIBC_x.y` that an ELF program asks for.
fn oldest_glibc(bytes: &[u8]) -> Result<String> {
    let elf = ElfBytes::<AnyEndian>::minimal_parse(bytes).context("not an ELF program")?;
    let (symbols, _) = elf.dynamic_symbol_table()?.context("the program takes nothing from glibc")?;
    let versions = elf.symbol_version_table()?.context("the program takes nothing from glibc")?;
    let mut newest: Option<(u32, u32)> = None;
    for symbol in 0..symbols.len() {
        let Some(needed) = versions.get_requirement(symbol)? else { continue };
        let Some(number) = needed.name.strip_prefix("GLIBC_") else { continue };
        let mut parts = number.split('.').map(str::parse::<u32>);
        if let (Some(Ok(major)), Some(Ok(minor))) = (parts.next(), parts.next()) {
            newest = newest.max(Some((major, minor)));
        }
    }
    let (major, minor) = newest.context("the program takes nothing from glibc")?;
    Ok(format!("{major}.{minor}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    #[test]
    fn this_test_needs_no_newer_glibc_than_this_machine_has() {
        let own = read(&std::env::current_exe().unwrap()).unwrap();
        let needed = oldest_glibc(&own).unwrap();
        let output = Command::new("getconf").arg("GNU_LIBC_VERSION").output().unwrap();
        let here = String::from_utf8(output.stdout).unwrap();
        let minor = |version: &str| version.trim().rsplit('.').next().unwrap().parse::<u32>().unwrap();
        // Rust's standard library asks for 2.34 where it is built with that: pthreads moved into libc there.
        assert!((17..=minor(&here)).contains(&minor(&needed)), "{needed} on {here}");
    }

    #[test]
    fn what_is_no_elf_program_is_named_so() {
        assert_eq!(oldest_glibc(b"#!/bin/sh").unwrap_err().to_string(), "not an ELF program");
    }
}
