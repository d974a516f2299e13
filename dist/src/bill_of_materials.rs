//! The software bill of materials: `CycloneDX` 1.6, <https://cyclonedx.org/docs/1.6/json/>.
//!
//! It names what is in the program: the crates that its binary and its two components are built from, and PostgreSQL. Cargo says which
//! those are for exactly these features and targets; what only tests or builds use is not in it.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::release::Release;

/// The services, whose components are inside.
const COMPONENTS: [&str; 2] = ["waybill-orders", "waybill-invoices"];

/// A name and a version: two crates of one name differ by it.
type Crate = (String, String);

/// The document as JSON, the same for the same sources.
pub fn bill_of_materials(release: &Release, features: &str, postgresql: Option<&str>) -> Result<Vec<u8>> {
    let details = details()?;
    let mut inside = built_from("waybill", &release.target, features)?;
    for package in COMPONENTS {
        inside.extend(built_from(package, "wasm32-wasip2", "")?);
    }
    let mut components = Vec::new();
    for of_crate in &inside {
        let known = details.get(of_crate).with_context(|| format!("Cargo does not know {of_crate:?}"))?;
        components.push(component(of_crate, known));
    }
    if let Some(version) = postgresql {
        components.push(json!({
            "type": "application", "bom-ref": format!("pkg:generic/postgresql@{version}"), "name": "postgresql",
            "version": version, "purl": format!("pkg:generic/postgresql@{version}"),
            "licenses": [{ "license": { "id": "PostgreSQL" } }],
        }));
    }
    let itself = format!("pkg:github/waybill-rs/waybill@{}", release.version);
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": release.created()?,
            "component": {
                "type": "application", "bom-ref": itself, "name": "waybill", "version": release.version,
                "purl": itself, "licenses": [{ "expression": "Apache-2.0" }],
            },
            "properties": [
                { "name": "waybill:target", "value": release.target },
                { "name": "waybill:revision", "value": release.revision },
            ],
        },
        "dependencies": [{
            "ref": itself,
            "dependsOn": components.iter().map(|component| component["bom-ref"].clone()).collect::<Vec<_>>(),
        }],
        "components": components,
    });
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(bytes)
}

fn component((name, version): &Crate, known: &Value) -> Value {
    let purl = format!("pkg:cargo/{name}@{version}");
    let mut component = json!({
        "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl,
    });
    if let Some(licence) = known["license"].as_str() {
        // Before SPDX's expressions crates wrote a slash for "or".
        component["licenses"] = json!([{ "expression": licence.replace('/', " OR ") }]);
    }
    if let Some(repository) = known["repository"].as_str() {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

/// The crates that a package is built from on a target, without those that only run during its build.
fn built_from(package: &str, target: &str, features: &str) -> Result<BTreeSet<Crate>> {
    let edges = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
    let mut arguments = vec!["tree", "--locked", "--package", package, "--target", target];
    arguments.extend(edges);
    if !features.is_empty() {
        arguments.extend(["--features", features]);
    }
    cargo(&arguments)?
        .lines()
        .map(|line| {
            let mut words = line.split_whitespace();
            let (name, version) =
                words.next().zip(words.next()).context("cargo tree wrote another format")?;
            let version = version.strip_prefix('v').context("cargo tree wrote no version")?;
            Ok((name.to_owned(), version.to_owned()))
        })
        .collect()
}

/// What the manifests of all crates say.
fn details() -> Result<BTreeMap<Crate, Value>> {
    let metadata: Value = serde_json::from_str(&cargo(&["metadata", "--locked", "--format-version", "1"])?)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    packages
        .iter()
        .map(|package| {
            let text = |key: &str| package[key].as_str().map(str::to_owned);
            let of_crate = text("name").zip(text("version")).context("a package without a name")?;
            Ok((of_crate, package.clone()))
        })
        .collect()
}

fn cargo(arguments: &[&str]) -> Result<String> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml");
    let arguments = [arguments, &["--manifest-path", manifest]].concat();
    let output = Command::new(program).args(&arguments).output().context("cargo could not be started")?;
    ensure!(
        output.status.success(),
        "cargo {}: {}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(String::from_utf8(output.stdout)?)
}
