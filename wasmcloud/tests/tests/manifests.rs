//! What wasmCloud's manifests have in common, and what none of them has.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The documents of a YAML file.
fn yaml(path: &str) -> Result<Vec<Value>> {
    let text = fs::read_to_string(project().join(path)).context(path.to_owned())?;
    serde_saphyr::from_multiple(&text).with_context(|| path.to_owned())
}

#[test]
fn the_manifests_of_wasmcloud_differ_in_artifacts_places_and_secrets_only() -> Result<()> {
    let [published] = yaml("wadm.yaml")?.try_into().ok().context("one document")?;
    let [local] = yaml("deploy/wadm.local.yaml")?.try_into().ok().context("one document")?;
    let (published, local) = (outline(&published)?, outline(&local)?);
    ensure!(published == local, "wadm.yaml: {published:#?}\nwadm.local.yaml: {local:#?}");
    Ok(())
}

#[test]
fn no_manifest_of_wasmcloud_has_a_secret_in_it() -> Result<()> {
    for path in ["wadm.yaml", "deploy/wadm.local.yaml", "deploy/wadm.nats.yaml"] {
        let text = fs::read_to_string(project().join(path))?;
        for secret in ["postgres://", "postgresql://", "amqp://", "amqps://"] {
            ensure!(!text.contains(secret), "{path} has a {secret} in it");
        }
        let [manifest] = yaml(path)?.try_into().ok().context("one document")?;
        let policies = manifest["spec"]["policies"].as_array().context("no policies")?;
        let names: BTreeSet<_> = policies.iter().filter_map(|policy| policy["name"].as_str()).collect();
        for secret in secrets_of(&manifest["spec"]["components"]) {
            let policy = secret["properties"]["policy"].as_str().unwrap_or_default();
            ensure!(names.contains(policy), "{path}: {secret} names no policy of the manifest");
        }
    }
    Ok(())
}

/// What an application consists of: each component's name and type, and its links with their settings.
fn outline(manifest: &Value) -> Result<Vec<String>> {
    let mut outline = Vec::new();
    for component in manifest["spec"]["components"].as_array().context("no components")? {
        outline.push(format!("{} {}", component["name"], component["type"]));
        for part in component["traits"].as_array().into_iter().flatten() {
            let mut link = part.clone();
            if link["type"] != "link" {
                continue;
            }
            if component["name"] == "http-server" {
                link["properties"]["source"]["config"][0]["properties"] = Value::Null;
            }
            strip(&mut link, "policy");
            outline.push(link.to_string());
        }
    }
    Ok(outline)
}

fn strip(value: &mut Value, name: &str) {
    match value {
        Value::Object(members) => {
            members.remove(name);
            members.values_mut().for_each(|member| strip(member, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, name)),
        _ => {}
    }
}

fn secrets_of(value: &Value) -> Vec<&Value> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, member)| match (name.as_str(), member) {
                ("secrets", Value::Array(secrets)) => secrets.iter().collect(),
                _ => secrets_of(member),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(secrets_of).collect(),
        _ => Vec::new(),
    }
}
