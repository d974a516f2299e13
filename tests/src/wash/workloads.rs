//! What the operator asks a host for because of a `WorkloadDeployment`.

mod patches;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use self::patches::patch;
use super::registry::Registry;
use crate::Wasi;

/// The requests for the workloads of `deploy/wasmcloud/waybill.yaml`, patched as `deploy/wasmcloud-wasip3` says for that version of
/// WASI, with images of this registry and reached by these names.
pub fn start_requests(registry: &Registry, names: &[(&str, &str)], wasi: Wasi) -> Result<Vec<Value>> {
    let documents = yaml("wasmcloud/waybill.yaml")?;
    let deployments = documents.into_iter().filter(|document| document["kind"] == "WorkloadDeployment");
    let mut deployments: Vec<Value> = deployments.collect();
    if wasi == Wasi::V0_3 {
        for kustomization in yaml("wasmcloud-wasip3/kustomization.yaml")? {
            deployments.iter_mut().try_for_each(|deployment| patch(deployment, &kustomization))?;
        }
    }
    deployments.into_iter().map(|deployment| start_request(deployment, registry, names)).collect()
}

/// The documents of a file in `deploy`.
fn yaml(file: &str) -> Result<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(file);
    Ok(serde_saphyr::from_multiple(&fs::read_to_string(path)?)?)
}

fn start_request(mut deployment: Value, registry: &Registry, names: &[(&str, &str)]) -> Result<Value> {
    let name = deployment["metadata"]["name"].as_str().context("a deployment without a name")?.to_owned();
    let host = names.iter().find(|(workload, _)| *workload == name).map(|(_, host)| *host);
    let host = host.with_context(|| format!("the deployment {name} is not known"))?;
    let spec = &mut deployment["spec"]["template"]["spec"];
    let (mut components, mut interfaces) = (spec["components"].take(), spec["hostInterfaces"].take());
    for component in components.as_array_mut().context("no components")? {
        let image = component["image"].as_str().context("a component without an image")?;
        component["image"] = registry.image(image)?.into();
    }
    for interface in interfaces.as_array_mut().context("no interfaces")? {
        if interface["package"] == "http" {
            interface["config"]["host"] = host.into();
        }
    }
    Ok(json!({
        "workloadId": name,
        "workload": {
            "namespace": "waybill",
            "name": name,
            "witWorld": { "components": components, "hostInterfaces": interfaces },
        },
    }))
}
