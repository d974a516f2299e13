//! No pod has more rights or memory than it needs, and no manifest has a secret's value.

use serde_json::{Value, json};

use crate::Pod;
use crate::manifest::at;

/// The memory of a role, which `docs/limits.md` adds up.
const MEMORY_MIB: u64 = 256;

pub fn check(manifests: &[Value], faults: &mut Vec<String>) {
    for manifest in manifests {
        if manifest["kind"] == "Secret" || at(manifest, "data") != &Value::Null {
            faults.push(format!("{}: a manifest with a secret's value", at(manifest, "metadata/name")));
        }
    }
    for pod in Pod::all(manifests) {
        let name = pod.component();
        let mut fault = |text: &str| faults.push(format!("{name}: {text}"));
        of_pod(pod, &mut fault);
        for container in pod.containers() {
            of_container(pod, container, &mut fault);
        }
    }
}

fn of_pod(pod: Pod<'_>, fault: &mut impl FnMut(&str)) {
    for (path, expected) in [
        ("automountServiceAccountToken", json!(false)),
        ("enableServiceLinks", json!(false)),
        ("securityContext/runAsNonRoot", json!(true)),
        ("securityContext/seccompProfile/type", json!("RuntimeDefault")),
        ("hostNetwork", Value::Null),
        ("hostPID", Value::Null),
        ("hostIPC", Value::Null),
    ] {
        if *at(pod.spec(), path) != expected {
            fault(&format!("{path} is not {expected}"));
        }
    }
    if at(pod.spec(), "securityContext/runAsUser").as_u64().is_none_or(|user| user == 0) {
        fault("it runs as root, or as whom the image names");
    }
    for volume in pod.spec()["volumes"].as_array().into_iter().flatten() {
        if volume.get("hostPath").is_some() {
            fault("it reaches the node's files");
        }
        // An operator's Secret of a certificate has the authority's private key too.
        if volume.get("secret").is_some_and(|secret| secret.get("items").is_none()) {
            fault("it is given all of a Secret");
        }
    }
}

fn of_container(pod: Pod<'_>, container: &Value, fault: &mut impl FnMut(&str)) {
    for (path, expected) in [
        ("securityContext/allowPrivilegeEscalation", json!(false)),
        ("securityContext/readOnlyRootFilesystem", json!(true)),
        ("securityContext/capabilities", json!({ "drop": ["ALL"] })),
        ("securityContext/privileged", Value::Null),
    ] {
        if *at(container, path) != expected {
            fault(&format!("{path} is not {expected}"));
        }
    }
    let limit = mib(at(container, "resources/limits/memory"));
    let requested = mib(at(container, "resources/requests/memory"));
    if limit.is_none() || requested.is_none_or(|requested| Some(requested) > limit) {
        fault("resources have no memory, or request more than the limit");
    }
    if pod.is_waybill() && limit != Some(MEMORY_MIB) {
        fault(&format!("the limit is not {MEMORY_MIB} MiB"));
    }
    let image = container["image"].as_str().unwrap_or_default();
    if !image.contains("@sha256:") && !image.ends_with(concat!(":", env!("CARGO_PKG_VERSION"))) {
        fault(&format!("{image} is another version"));
    }
}

fn mib(quantity: &Value) -> Option<u64> {
    let text = quantity.as_str()?;
    let gib = |text: &str| text.strip_suffix("Gi")?.parse::<u64>().ok().map(|gib| gib << 10);
    text.strip_suffix("Mi").and_then(|text| text.parse().ok()).or_else(|| gib(text))
}
