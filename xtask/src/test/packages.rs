//! The packages of a workspace as far as their tests go.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;

use super::needs::Need;
use crate::cargo;

#[derive(Debug, Deserialize)]
pub struct Package {
    pub name: String,
    id: String,
    pub targets: Vec<Target>,
    #[serde(deserialize_with = "metadata", rename = "metadata")]
    needs: BTreeMap<String, BTreeSet<Need>>,
}

/// A library, a program, or a file of tests.
#[derive(Debug, Deserialize)]
pub struct Target {
    pub name: String,
    kind: Vec<String>,
    pub src_path: PathBuf,
}

/// The packages of a manifest's workspace that are built unless others are named.
pub fn of_workspace(manifest: &Path) -> Result<Vec<Package>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
        workspace_default_members: Vec<String>,
    }
    let metadata: Metadata = serde_json::from_value(cargo::metadata(manifest)?)
        .context("cargo metadata has an unexpected form, or a Cargo.toml names unknown `needs`")?;
    let mut packages = metadata.packages;
    packages.retain(|package| metadata.workspace_default_members.contains(&package.id));
    Ok(packages)
}

/// `[package.metadata.waybill.needs]`, which most packages do not have.
fn metadata<'de, D: serde::Deserializer<'de>>(
    input: D,
) -> Result<BTreeMap<String, BTreeSet<Need>>, D::Error> {
    #[derive(Default, Deserialize)]
    struct Waybill {
        #[serde(default)]
        needs: BTreeMap<String, BTreeSet<Need>>,
    }
    #[derive(Default, Deserialize)]
    struct Metadata {
        #[serde(default)]
        waybill: Waybill,
    }
    Ok(Option::<Metadata>::deserialize(input)?.unwrap_or_default().waybill.needs)
}

impl Package {
    /// What the tests below these names need: a file in the folder `tests`, or a module or function in it. `all` is for
    /// every one of them. Tests in `src` need nothing.
    pub fn needs(&self, path: &str) -> BTreeSet<Need> {
        let matches = |name: &str| name == "all" || path.split("::").any(|part| part == name);
        self.needs.iter().filter(|(name, _)| matches(name)).flat_map(|(_, needs)| needs).copied().collect()
    }

    /// What all of its tests need.
    pub fn all_needs(&self) -> BTreeSet<Need> {
        self.needs.values().flatten().copied().collect()
    }

    /// Its files of tests.
    pub fn tests(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|target| target.is_test())
    }
}

impl Target {
    /// Whether it is a file in the folder `tests`, or one with a folder of its own there.
    pub fn is_test(&self) -> bool {
        self.kind.iter().any(|kind| kind == "test")
    }

    /// The option of cargo that selects it, if it can have tests beside its code.
    pub fn code(&self) -> Option<&'static str> {
        let is_a = |kinds: &[&str]| self.kind.iter().any(|kind| kinds.contains(&kind.as_str()));
        if is_a(&["lib", "rlib", "cdylib", "proc-macro"]) {
            Some("--lib")
        } else {
            is_a(&["bin"]).then_some("--bins")
        }
    }
}
