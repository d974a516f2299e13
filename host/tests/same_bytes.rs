//! Every host is given the same bytes of our components.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use waybill::components;
use waybill::settings::{ComponentName, ComponentSettings};

#[test]
fn spin_and_wasmcloud_run_the_bytes_that_waybill_runs() {
    for name in [ComponentName::Orders, ComponentName::Invoices] {
        let inside =
            components::bytes(name, &ComponentSettings { components: Vec::new(), compiled: None }).unwrap();
        let inside = hex::encode(Sha256::digest(&inside));
        let others = [
            ("spin.toml", spin(name.as_str())),
            ("deploy/wadm.local.yaml", wasmcloud("deploy/wadm.local.yaml", name.as_str())),
            ("deploy/wadm.nats.yaml", wasmcloud("deploy/wadm.nats.yaml", name.as_str())),
        ];
        for (manifest, file) in others {
            let there = hex::encode(Sha256::digest(fs::read(&file).unwrap()));
            assert_eq!(inside, there, "{manifest} names {}, which is another one", file.display());
        }
        // Not by `println`, which the harness keeps to itself.
        writeln!(stderr(), "{:<9} waybill, spin.toml, wadm  SHA-256 {inside}", name.as_str()).unwrap();
    }
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The file that Spin runs.
fn spin(component: &str) -> PathBuf {
    let manifest: toml::Table = fs::read_to_string(project().join("spin.toml")).unwrap().parse().unwrap();
    project().join(manifest["component"][component]["source"].as_str().unwrap())
}

/// The file that wasmCloud runs.
fn wasmcloud(manifest: &str, component: &str) -> PathBuf {
    let path = project().join(manifest);
    let manifest: serde_json::Value = serde_saphyr::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    let components = manifest["spec"]["components"].as_array().unwrap();
    let component = components.iter().find(|found| found["name"] == component).unwrap();
    let image = component["properties"]["image"].as_str().unwrap();
    path.with_file_name(image.strip_prefix("file://").unwrap())
}
