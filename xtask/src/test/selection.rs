//! Which tests are run, and what they need.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::needs::Need;
use super::packages::{Package, Target};
use crate::cargo;

const LIB: &str = "--lib";
const BINS: &str = "--bins";

#[derive(Debug, Default)]
pub struct Selection {
    /// What they need.
    pub needs: BTreeSet<Need>,
    /// The packages whose code has some of them beside it. `None` means all, if there is such code.
    packages: BTreeSet<String>,
    /// `--lib` and `--bins`, for those beside the code.
    code: BTreeSet<&'static str>,
    /// The files in folders `tests` that are among them.
    tests: BTreeSet<String>,
    /// A part of their names.
    filter: Option<String>,
}

impl Selection {
    pub fn all(packages: &[Package]) -> Self {
        let mut selection = Self { code: BTreeSet::from([LIB, BINS]), ..Self::default() };
        for package in packages {
            selection.needs.extend(package.all_needs());
            selection.tests.extend(package.tests().map(|test| test.name.clone()));
        }
        selection
    }

    /// Those beside the code, and those that need nothing that takes long to start or to install.
    pub fn quick(packages: &[Package]) -> Self {
        let mut selection = Self { code: BTreeSet::from([LIB, BINS]), ..Self::default() };
        for package in packages {
            for test in package.tests() {
                let needs = package.needs(&test.name);
                if needs.iter().all(|need| need.is_light()) {
                    selection.needs.extend(needs);
                    selection.tests.insert(test.name.clone());
                }
            }
        }
        selection
    }

    /// Those of a package or of a file of tests of this name, or else those that have it in their names, or else those of
    /// packages that have it in theirs.
    pub fn named(packages: &[Package], name: &str) -> Result<Option<Self>> {
        let full = format!("waybill-{name}");
        if let Some(package) = packages.iter().find(|package| package.name == name || package.name == full) {
            return Ok(Some(Self::of_packages([package])));
        }
        let mut selection = Self::default();
        for package in packages {
            for test in package.tests().filter(|test| test.name == name) {
                selection.needs.extend(package.all_needs());
                selection.tests.insert(test.name.clone());
            }
        }
        if selection.tests.is_empty() {
            selection = Self::by_part(packages, name)?;
        }
        if !selection.code.is_empty() || !selection.tests.is_empty() {
            return Ok(Some(selection));
        }
        let similar: Vec<&Package> = packages.iter().filter(|package| package.name.contains(name)).collect();
        Ok((!similar.is_empty()).then(|| Self::of_packages(similar)))
    }

    fn of_packages<'a>(packages: impl IntoIterator<Item = &'a Package>) -> Self {
        let mut selection = Self::default();
        for package in packages {
            selection.needs.extend(package.all_needs());
            selection.tests.extend(package.tests().map(|test| test.name.clone()));
            let code: BTreeSet<_> = package.targets.iter().filter_map(Target::code).collect();
            if !code.is_empty() {
                selection.code.extend(code);
                selection.packages.insert(package.name.clone());
            }
        }
        selection
    }

    fn by_part(packages: &[Package], part: &str) -> Result<Self> {
        let mut selection = Self { filter: Some(part.to_owned()), ..Self::default() };
        for package in packages {
            for target in &package.targets {
                let code = target.code();
                if code.is_none() && !target.is_test() {
                    continue;
                }
                for test in functions(target)?.iter().filter(|test| test.contains(part)) {
                    if code.is_none() {
                        selection.needs.extend(package.needs(&format!("{}::{test}", target.name)));
                        selection.tests.insert(target.name.clone());
                    } else {
                        selection.code.extend(code);
                        selection.packages.insert(package.name.clone());
                    }
                }
            }
        }
        Ok(selection)
    }

    /// Builds and runs them.
    ///
    /// Files of tests are named without their packages, so that the features of dependencies are those of the whole
    /// workspace, and nothing is built another time.
    pub fn run(
        &self,
        cargo: impl Fn(&[&str]) -> Result<Command>,
        prepare: impl Fn(&mut Command) -> &mut Command,
    ) -> Result<()> {
        let tests = self.tests.iter().flat_map(|name| ["--test", name]);
        let packages = self.packages.iter().flat_map(|name| ["--package", name]);
        let code = self.code.iter().copied();
        let commands: [Vec<&str>; 2] = if self.packages.is_empty() {
            [code.chain(tests).collect(), Vec::new()]
        } else {
            [packages.chain(code).collect(), tests.collect()]
        };
        let mut outcome = Ok(());
        for selected in commands.iter().filter(|selected| !selected.is_empty()) {
            let mut command = cargo(&["test", "--no-fail-fast"])?;
            prepare(command.args(selected));
            outcome = outcome.and(cargo::run(command.args(&self.filter)));
        }
        outcome
    }
}

/// The functions of a target that may be tests, by their paths: all of a file of tests, and of code those that are marked
/// as a test.
fn functions(target: &Target) -> Result<Vec<String>> {
    let root = &target.src_path;
    let folder = root.parent().unwrap_or(root);
    // Beside `tests/NAME.rs` are other targets' files, beside `src/lib.rs` and `tests/NAME/main.rs` its own.
    let is_single_file = target.is_test() && root.file_name().is_some_and(|name| name != "main.rs");
    let mut files = Vec::new();
    if is_single_file {
        files.push(root.clone());
    } else {
        collect(folder, &mut files)?;
    }
    let mut functions = Vec::new();
    for file in files {
        let text =
            fs::read_to_string(&file).with_context(|| format!("{} could not be read", file.display()))?;
        let module = file.strip_prefix(folder).unwrap_or(&file).with_extension("");
        let module = module.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("::");
        let mut is_marked = target.is_test();
        for line in text.lines().map(str::trim_start) {
            if line.starts_with("#[test") || line.starts_with("#[tokio::test") {
                is_marked = true;
            } else if let Some(name) = function(line) {
                if is_marked {
                    functions.push(format!("{module}::{name}"));
                }
                is_marked = target.is_test();
            }
        }
    }
    Ok(functions)
}

/// The name of the function that a line begins.
fn function(line: &str) -> Option<&str> {
    let line = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ")?;
    line.split(['(', '<']).next()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{} could not be read", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
