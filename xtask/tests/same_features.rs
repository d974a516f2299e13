//! Holds the features of Waybill's dependencies to one choice, whichever packages are built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Cargo unifies features over the packages that it is told to build. Where `waybill` alone asks for fewer features of a crate than
/// the default members do together, that crate and all that is above it is compiled twice: once for `cargo xtask up`, once for the tests.
#[test]
fn waybill_alone_has_the_dependencies_of_the_whole_workspace() {
    let alone = features(&["--package", "waybill", "--edges", "normal,build"]);
    let whole = features(&["--edges", "normal,build,dev"]);
    let mut differences = Vec::new();
    for (package, builds) in &alone {
        // The whole may have one more build of a crate, for something that only tests use.
        for features in builds.difference(&whole[package]) {
            differences.push(format!("{package}: alone [{features}], in the whole {:?}", whole[package]));
        }
    }
    assert!(
        differences.is_empty(),
        "these crates are compiled twice; name the missing features in host/Cargo.toml or in the workspace's dependencies:\n{}",
        differences.join("\n")
    );
}

/// The sets of features with which each package is built.
fn features(selection: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(workspace)
        .args(["tree", "--locked", "--prefix", "none", "--format", "{p}|{f}"])
        .args(selection)
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut features: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        // `name v1.2.3 (proc-macro)|feature,feature (*)`; the mark says that it was shown before.
        let Some((package, builds)) = line.trim_end_matches(" (*)").split_once('|') else { continue };
        features.entry(package.to_owned()).or_default().insert(builds.to_owned());
    }
    features
}
