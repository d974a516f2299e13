//! Every host is given the same bytes of our components.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    io::{Write as _, stderr},
    path::Path,
};

use sha2::{Digest as _, Sha256};
use waybill::{
    components,
    settings::{ComponentName, ComponentSettings},
};

#[test]
fn spin_runs_the_bytes_that_are_inside_of_waybill() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let manifest: toml::Table = fs::read_to_string(project.join("spin.toml")).unwrap().parse().unwrap();
    for name in [ComponentName::Orders, ComponentName::Invoices] {
        let inside = components::bytes(name, &ComponentSettings { components: Vec::new() }).unwrap();
        let source = manifest["component"][name.as_str()]["source"].as_str().unwrap();
        let on_spin = fs::read(project.join(source)).unwrap();
        assert_eq!(sha256(&inside), sha256(&on_spin), "{source} is another one than that inside");
        // Not by `println`, which the harness keeps to itself.
        writeln!(stderr(), "{:<9} waybill, spin.toml  SHA-256 {}", name.as_str(), sha256(&inside)).unwrap();
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}
