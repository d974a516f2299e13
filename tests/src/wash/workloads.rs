//! What the operator asks a host for because of a `WorkloadDeployment`.

mod patches;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use self::patches::patch;
use super::registry::Registry;
use crate::Wasi;

/// By which name the machine of a host is known to its workloads.
const MACHINE: &str = "host.wasmcloud.internal";

/// The requests for the workloads of `deploy/wasmcloud/waybill.yaml`, patched as `deploy/wasmcloud-wasip3` says for that version of
/// WASI, with images of this registry and reached by these names. With a RabbitMQ of this machine, the one of invoices has the service
/// of `deploy/wasmcloud-rabbitmq`.
pub fn start_requests(
    registry: &Registry,
    names: &[(&str, &str)],
    wasi: Wasi,
    broker_url: Option<&str>,
) -> Result<Vec<Value>> {
    let documents = yaml("wasmcloud/waybill.yaml")?;
    let deployments = documents.into_iter().filter(|document| document["kind"] == "WorkloadDeployment");
    let mut deployments: Vec<Value> = deployments.collect();
    if wasi == Wasi::V0_3 {
        for kustomization in yaml("wasmcloud-wasip3/kustomization.yaml")? {
            deployments.iter_mut().try_for_each(|deployment| patch(deployment, &kustomization))?;
        }
    }
    let requests = deployments.into_iter().map(|deployment| start_request(deployment, registry, names));
    let mut requests = requests.collect::<Result<Vec<Value>>>()?;
    if let Some(broker_url) = broker_url {
        let invoices = requests.iter_mut().find(|request| request["workloadId"] == "waybill-invoices");
        invoices.context("no invoices")?["workload"]["service"] = service(registry, broker_url)?;
    }
    Ok(requests)
}

/// The same with a component of one's own that reports spans, in the place of orders.
pub fn with_traced_notes(mut requests: Vec<Value>, registry: &Registry) -> Result<Vec<Value>> {
    let orders = requests.iter_mut().find(|request| request["workloadId"] == "waybill-orders");
    let world = &mut orders.context("no orders")?["workload"]["witWorld"];
    world["components"][0]["image"] =
        registry.image("registry.example.com/waybill/notes.traced:0.1.0")?.into();
    let interfaces = world["hostInterfaces"].as_array_mut().context("no interfaces")?;
    interfaces.push(json!({
        "namespace": "wasi", "package": "otel", "version": "0.2.0-rc.2", "interfaces": ["tracing", "types"],
    }));
    Ok(requests)
}

/// The documents of a file in `deploy`.
fn yaml(file: &str) -> Result<Vec<Value>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy").join(file);
    Ok(serde_saphyr::from_multiple(&fs::read_to_string(path)?)?)
}

/// The service that consumes a RabbitMQ of this machine.
fn service(registry: &Registry, broker_url: &str) -> Result<Value> {
    let mut deployment = yaml("wasmcloud-rabbitmq/trigger.yaml")?.remove(0);
    let mut service = deployment["spec"]["template"]["spec"]["service"].take();
    service["image"] = registry.image(service["image"].as_str().context("no image")?)?.into();
    let (_, server) = broker_url.rsplit_once('@').context("a URL with an account")?;
    let (address, _) = server.split_once('/').context("a URL with a virtual host")?;
    let (host, port) = address.split_once(':').context("a URL with a port")?;
    let resources = &mut service["localResources"];
    let mut environment = resources["environment"]["config"].take();
    environment["BROKER_URL"] = broker_url.replace(&format!("@{host}:"), &format!("@{MACHINE}:")).into();
    resources["environment"] = environment;
    resources["allowedHosts"] = json!([MACHINE]);
    resources["allowedIpNameLookups"] = json!([MACHINE]);
    resources["allowedHostLoopbackPorts"] = json!([port]);
    Ok(service)
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
