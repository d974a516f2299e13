//! What manifests say about each other: names that one gives and another one uses.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn spin_toml() -> Result<toml::Table> {
    Ok(fs::read_to_string(project().join("spin.toml"))?.parse()?)
}

/// The documents of a YAML file.
fn yaml(path: &str) -> Result<Vec<Value>> {
    let text = fs::read_to_string(project().join(path)).context(path.to_owned())?;
    serde_saphyr::from_multiple(&text).with_context(|| path.to_owned())
}

#[test]
fn spin_gets_every_secret_and_none_is_written_down() -> Result<()> {
    let manifest = spin_toml()?;
    let variables = manifest["variables"].as_table().context("no variables")?;
    let mut secrets = BTreeSet::new();
    for (name, variable) in variables {
        let is_secret = variable.get("secret").and_then(toml::Value::as_bool).unwrap_or(false);
        ensure!(
            is_secret || variable.get("default").is_some(),
            "{name} is neither secret nor has it a default"
        );
        if is_secret {
            ensure!(variable.get("default").is_none(), "the secret {name} has a default");
            secrets.insert(name.as_str());
        }
    }
    ensure!(
        secrets == BTreeSet::from(["events_token", "invoices_database_url", "orders_database_url"]),
        "{secrets:?}"
    );

    let [app] = yaml("deploy/spinkube/waybill.yaml")?.try_into().ok().context("one document")?;
    let given = app["spec"]["variables"].as_array().context("no variables")?;
    let names: BTreeSet<_> = given.iter().filter_map(|variable| variable["name"].as_str()).collect();
    ensure!(names == secrets, "SpinKube is given {names:?}, Spin needs {secrets:?}");
    for variable in given {
        let secret = &variable["valueFrom"]["secretKeyRef"];
        ensure!(secret["name"] == "waybill" && variable.get("value").is_none(), "{variable}");
    }
    ensure!(app["spec"]["replicas"] == 2, "two replicas");
    ensure!(
        manifest.get("application").and_then(|it| it.get("targets")).is_none(),
        "targets need the network"
    );
    Ok(())
}

#[test]
fn the_roles_on_kubernetes_read_what_the_secret_has() -> Result<()> {
    let keys = BTreeSet::from(["events-token", "invoices-database-url", "orders-database-url"]);
    for (file, role) in [("relay", "relay"), ("webhooks", "webhooks"), ("migrate", "migrate")] {
        let [document] =
            yaml(&format!("deploy/spinkube/{file}.yaml"))?.try_into().ok().context("one document")?;
        let container = &document["spec"]["template"]["spec"]["containers"][0];
        ensure!(container["args"][0] == role, "{container}");
        for variable in container["env"].as_array().context("no environment")? {
            let name = variable["name"].as_str().unwrap_or_default();
            let key = variable["valueFrom"]["secretKeyRef"]["key"].as_str();
            let is_secret = name.ends_with("_URL") || name.ends_with("_TOKEN");
            ensure!(is_secret == key.is_some_and(|key| keys.contains(key)), "{file}: {variable}");
        }
        ensure!(container["securityContext"]["readOnlyRootFilesystem"] == true, "{file}");
    }
    let [kustomization] =
        yaml("deploy/spinkube/kustomization.yaml")?.try_into().ok().context("one document")?;
    for file in kustomization["resources"].as_array().context("no resources")? {
        yaml(&format!("deploy/spinkube/{}", file.as_str().context("a name")?))?;
    }
    Ok(())
}
