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
            yaml(&format!("deploy/kubernetes/{file}.yaml"))?.try_into().ok().context("one document")?;
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
    for folder in ["deploy/kubernetes", "deploy/spinkube", "deploy/wasmcloud", "deploy/wasmcloud-rabbitmq"] {
        let [kustomization] =
            yaml(&format!("{folder}/kustomization.yaml"))?.try_into().ok().context("one document")?;
        for file in kustomization["resources"].as_array().context("no resources")? {
            let file = format!("{folder}/{}", file.as_str().context("a name")?);
            if !project().join(&file).join("kustomization.yaml").exists() {
                yaml(&file)?;
            }
        }
    }
    Ok(())
}

#[test]
fn wasmcloud_runs_this_version_of_both_components_on_their_databases() -> Result<()> {
    let documents = yaml("deploy/wasmcloud/waybill.yaml")?;
    let services: BTreeSet<_> = documents
        .iter()
        .filter(|document| document["kind"] == "Service")
        .filter_map(|service| service["metadata"]["name"].as_str())
        .collect();
    ensure!(services == BTreeSet::from(["waybill-invoices", "waybill-orders"]), "{services:?}");
    for (service, port) in [("orders", 3333), ("invoices", 3334)] {
        let name = format!("waybill-{service}");
        let deployment = documents
            .iter()
            .find(|document| {
                document["kind"] == "WorkloadDeployment" && document["metadata"]["name"] == name.as_str()
            })
            .with_context(|| format!("no deployment {name}"))?;
        let workload = &deployment["spec"]["template"]["spec"];
        ensure!(workload["kubernetes"]["service"]["name"] == name.as_str(), "{workload}");
        let image = format!("registry.example.com/waybill/{service}:{}", env!("CARGO_PKG_VERSION"));
        ensure!(workload["components"][0]["image"] == image.as_str(), "{workload}");
        let interfaces = workload["hostInterfaces"].as_array().context("no interfaces")?;
        let sql = interfaces.iter().find(|interface| interface["package"] == "postgres").context("no SQL")?;
        ensure!(sql["config"]["database"] == service, "{sql}");

        // What `wash dev` runs is what is deployed.
        let folder = format!("deploy/wasmcloud/dev/{service}");
        let [dev] = yaml(&format!("{folder}/.wash/config.yaml"))?.try_into().ok().context("one document")?;
        ensure!(dev["dev"]["host_interfaces"] == serde_json::json!([sql]), "{dev}");
        ensure!(dev["dev"]["address"] == format!("127.0.0.1:{port}").as_str(), "{dev}");
        let component = format!("../../../../target/components/{service}.wasm");
        ensure!(dev["build"]["component_path"] == component.as_str(), "{dev}");
        ensure!(dev["dev"].get("postgres_url").is_none(), "the URL of a database is a secret");
    }
    Ok(())
}

#[test]
fn wasmcloud_imports_sql_in_the_version_that_its_manifest_names() -> Result<()> {
    let world = fs::read_to_string(project().join("wit/waybill.wit"))?;
    for deployment in yaml("deploy/wasmcloud/waybill.yaml")? {
        for interface in
            deployment["spec"]["template"]["spec"]["hostInterfaces"].as_array().into_iter().flatten()
        {
            let Some(version) = interface["version"].as_str() else { continue };
            let (namespace, package) = (&interface["namespace"], &interface["package"]);
            let import = format!(
                "{}:{}/query@{version}",
                namespace.as_str().unwrap_or_default(),
                package.as_str().unwrap_or_default()
            );
            ensure!(world.contains(&import), "no component imports {import}");
        }
    }
    Ok(())
}

#[test]
fn wasmclouds_hosts_get_secrets_that_its_page_makes() -> Result<()> {
    let [values] = yaml("deploy/wasmcloud/values.yaml")?.try_into().ok().context("one document")?;
    let readme = fs::read_to_string(project().join("deploy/wasmcloud/README.md"))?;
    let environment = values["runtime"]["env"].as_array().context("no environment")?;
    let mut given = BTreeSet::new();
    for variable in environment {
        let name = variable["name"].as_str().context("a name")?;
        let secret = &variable["valueFrom"]["secretKeyRef"];
        if let Some(key) = secret["key"].as_str() {
            ensure!(secret["name"] == "waybill" && readme.contains(&format!("\n{key}=")), "{variable}");
            given.insert(format!("$({name})"));
        }
    }
    let url =
        environment.iter().find(|variable| variable["name"] == "WASH_POSTGRES_URL").context("no URL")?;
    let url = url["value"].as_str().context("a value")?;
    ensure!(
        given.iter().all(|variable| url.contains(variable.as_str())) && given.len() == 2,
        "{url}: {given:?}"
    );
    // What the database compares, as a parameter of its own to the host.
    ensure!(url.contains("%20-c%20waybill.events_token%3D$(EVENTS_TOKEN)"), "{url}");
    // What a 201 promises, as in the other hosts' sessions.
    ensure!(url.contains("options=-c%20synchronous_commit%3Don%20-c%20default_transaction_isolation%3Dread%5C%20committed%20"), "{url}");
    Ok(())
}

#[test]
fn the_relay_on_wasmcloud_posts_to_the_name_that_the_operator_gives_the_service() -> Result<()> {
    let [kustomization] =
        yaml("deploy/wasmcloud/kustomization.yaml")?.try_into().ok().context("one document")?;
    let namespace = kustomization["namespace"].as_str().context("no namespace")?;
    let patch = kustomization["patches"][0]["patch"].as_str().context("no patch")?;
    let [patch] = serde_saphyr::from_str::<[Value; 1]>(patch)?;
    let [relay] = yaml("deploy/kubernetes/relay.yaml")?.try_into().ok().context("one document")?;
    ensure!(kustomization["patches"][0]["target"]["name"] == relay["metadata"]["name"], "{relay}");
    let replaced =
        patch["path"].as_str().and_then(|place| relay.pointer(place)).context("nothing to replace")?;
    ensure!(replaced.as_str().is_some_and(|to| to.ends_with("/events")), "it replaces {replaced}");
    ensure!(patch["value"] == format!("http://waybill-invoices.{namespace}/events").as_str(), "{patch}");
    Ok(())
}

#[test]
fn rabbitmq_on_wasmcloud_is_consumed_in_the_workload_of_the_invoices_and_fed_by_the_relay() -> Result<()> {
    let [trigger] =
        yaml("deploy/wasmcloud-rabbitmq/trigger.yaml")?.try_into().ok().context("one document")?;
    ensure!(trigger["metadata"]["name"] == "waybill-invoices", "{trigger}");
    let service = &trigger["spec"]["template"]["spec"]["service"];
    let image = format!("registry.example.com/waybill/rabbitmq-trigger:{}", env!("CARGO_PKG_VERSION"));
    ensure!(service["image"] == image.as_str(), "{service}");
    let secret = &service["localResources"]["environment"]["secretFrom"][0]["name"];

    let [kustomization] =
        yaml("deploy/wasmcloud-rabbitmq/kustomization.yaml")?.try_into().ok().context("one document")?;
    let [consuming, publishing] = [0, 1].map(|patch| &kustomization["patches"][patch]);
    ensure!(consuming["target"]["name"] == trigger["metadata"]["name"], "{consuming}");
    ensure!(consuming["path"] == "trigger.yaml", "{consuming}");
    let patch = publishing["patch"].as_str().context("no patch")?;
    let [arguments, address] = serde_saphyr::from_str::<[Value; 2]>(patch)?;
    let [relay] = yaml("deploy/kubernetes/relay.yaml")?.try_into().ok().context("one document")?;
    ensure!(publishing["target"]["name"] == relay["metadata"]["name"], "{publishing}");
    let replaced = |patch: &Value| patch["path"].as_str().and_then(|place| relay.pointer(place)).cloned();
    let posting = replaced(&arguments).context("no arguments to replace")?;
    ensure!(
        posting[0] == "relay" && posting[1] == "--to" && posting[3] == arguments["value"][1],
        "{posting}"
    );
    ensure!(!arguments["value"].to_string().contains("--to"), "{arguments}");
    let token = replaced(&address).context("no variable to replace")?;
    ensure!(token["name"] == "WAYBILL_EVENTS_TOKEN", "it replaces {token}");
    let address = &address["value"];
    ensure!(address["name"] == "BROKER_URL", "{address}");
    ensure!(&address["valueFrom"]["secretKeyRef"]["name"] == secret, "{address} is not of {secret}");
    let readme = fs::read_to_string(project().join("deploy/wasmcloud/README.md"))?;
    let named = secret.as_str().context("a name")?;
    ensure!(readme.contains(&format!("create secret generic {named} ")), "the page does not make {named}");
    Ok(())
}
