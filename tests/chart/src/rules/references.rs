//! What one manifest says of another: names, ports and labels.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::Pod;
use crate::manifest::{at, list, service_at, text};

pub fn check(manifests: &[Value], faults: &mut Vec<String>) {
    let mut names = BTreeSet::new();
    for manifest in manifests {
        let (kind, name) = (text(manifest, "kind"), text(manifest, "metadata/name"));
        let mut fault = |text: String| faults.push(format!("{kind} {name}: {text}"));
        if !names.insert((kind, name)) {
            fault("it is there twice".to_owned());
        }
        match kind {
            "Service" => service(manifests, manifest, &mut fault),
            "PodDisruptionBudget" => budget(manifests, manifest, &mut fault),
            "Ingress" => ingress(manifests, manifest, &mut fault),
            "ServiceMonitor" => monitor(manifests, manifest, &mut fault),
            _ => {}
        }
    }
    for pod in Pod::all(manifests) {
        let mut fault = |text: String| faults.push(format!("{}: {text}", pod.component()));
        let labels = at(pod.owner, "spec/selector/matchLabels");
        if pod.is_service() && !pod.is_selected(labels) {
            fault(format!("its Deployment selects {labels}"));
        }
        addresses(manifests, pod, &mut fault);
    }
}

/// What a pod listens on is what it declares, and what it calls is a Service.
fn addresses(manifests: &[Value], pod: Pod<'_>, fault: &mut impl FnMut(String)) {
    for (variable, given) in pod.variables().into_iter().filter(|(name, _)| name.ends_with("_LISTEN")) {
        let value = text(given, "value");
        let port = value.rsplit(':').next().and_then(|port| port.parse::<u64>().ok());
        let name = if variable == "WAYBILL_ADMIN_LISTEN" { "admin" } else { "http" };
        if port.is_none() || pod.ports().get(name).copied() != port {
            fault(format!("{variable} is {value}, and its port {name} another one"));
        }
    }
    for address in pod.calls() {
        if service_at(manifests, address).is_none() {
            fault(format!("it calls {address}, which is no Service"));
        }
    }
}

fn service(manifests: &[Value], service: &Value, fault: &mut impl FnMut(String)) {
    let pods = Pod::selected(manifests, at(service, "spec/selector"));
    if pods.is_empty() {
        fault("it selects no pod".to_owned());
    }
    for port in list(service, "spec/ports") {
        let (target, number) = (text(port, "targetPort"), port["port"].as_u64());
        for pod in &pods {
            let found = pod.ports().get(target).copied();
            // Without an address of its own, a Service forwards nothing: callers find the pod's port.
            let is_forwarded = at(service, "spec/clusterIP") != "None" && !pod.is_waybill();
            if found.is_none() || (!is_forwarded && found != number) {
                fault(format!("its port {number:?} is {found:?} of {}", pod.component()));
            }
        }
    }
}

fn budget(manifests: &[Value], budget: &Value, fault: &mut impl FnMut(String)) {
    let pods = Pod::selected(manifests, at(budget, "spec/selector/matchLabels"));
    let replicas = pods.first().and_then(|pod| at(pod.owner, "spec/replicas").as_u64());
    // One that allows no eviction holds up a node's maintenance.
    if pods.len() != 1 || at(budget, "spec/maxUnavailable").as_u64() >= replicas {
        fault(format!("it is for {} kinds of pods, in {replicas:?} copies", pods.len()));
    }
}

fn ingress(manifests: &[Value], ingress: &Value, fault: &mut impl FnMut(String)) {
    let paths = list(ingress, "spec/rules").flat_map(|rule| list(rule, "http/paths"));
    for path in paths {
        let (name, port) = (text(path, "backend/service/name"), text(path, "backend/service/port/name"));
        let is_there = manifests.iter().any(|it| {
            it["kind"] == "Service"
                && text(it, "metadata/name") == name
                && list(it, "spec/ports").any(|it| text(it, "name") == port)
        });
        if !is_there {
            fault(format!("there is no Service {name} with a port {port}"));
        }
    }
}

fn monitor(manifests: &[Value], monitor: &Value, fault: &mut impl FnMut(String)) {
    let wanted =
        at(monitor, "spec/selector/matchLabels").as_object().into_iter().flatten().collect::<Vec<_>>();
    let services: Vec<_> = manifests
        .iter()
        .filter(|it| it["kind"] == "Service")
        .filter(|it| wanted.iter().all(|(name, value)| at(it, "metadata/labels")[name.as_str()] == **value))
        .collect();
    let [service] = services[..] else { return fault(format!("it selects {} Services", services.len())) };
    for endpoint in list(monitor, "spec/endpoints") {
        let port = text(endpoint, "port");
        if !list(service, "spec/ports").any(|it| text(it, "name") == port) {
            fault(format!("its Service has no port {port}"));
        }
        if endpoint["path"] != "/metrics" {
            fault(format!("it reads {}", endpoint["path"]));
        }
    }
    // Nothing of ours is without metrics.
    let scraped = Pod::selected(manifests, at(service, "spec/selector"));
    let is_kongs = scraped.iter().all(|pod| !pod.is_waybill());
    let missing = Pod::all(manifests).filter(|pod| pod.is_service() && pod.is_waybill() != is_kongs);
    if missing.count() != scraped.len() {
        fault(format!("it reads {} kinds of pods", scraped.len()));
    }
}
