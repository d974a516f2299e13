//! Holds the features of Waybill's dependencies to one choice, whichever packages are built.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

/// Cargo unifies features over the packages that it builds. If `waybill` by itself, or xtask, asks for fewer
/// features of a crate than all of them together do, that crate and all that is above it is compiled twice: once for
/// `cargo xtask up`, once for the tests or for a plain `cargo build`.
#[test]
fn a_package_built_by_itself_has_the_dependencies_of_the_workspace() {
    let all = features(&["--edges", "normal,build,dev"]);
    for package in ["waybill", "xtask"] {
        let mut differences = Vec::new();
        for (dependency, builds) in features(&["--package", package, "--edges", "normal,build"]) {
            // All may have one more build of it, for something that only tests use.
            for subset in builds.difference(&all[&dependency]) {
                differences
                    .push(format!("{dependency}: in part [{subset}], with all {:?}", all[&dependency]));
            }
        }
        assert!(
            differences.is_empty(),
            "name the missing features in the Cargo.toml of {package} or in the workspace's dependencies, since these are compiled twice:\n{}",
            differences.join("\n")
        );
    }
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
