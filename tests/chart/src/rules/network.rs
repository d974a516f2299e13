//! Who may connect to whom, where there are network policies.

use serde_json::{Value, json};

use crate::Pod;
use crate::manifest::{at, list, service_at, text};

pub fn check(manifests: &[Value], faults: &mut Vec<String>) {
    let policies: Vec<_> = manifests.iter().filter(|it| it["kind"] == "NetworkPolicy").collect();
    if policies.is_empty() {
        return;
    }
    for policy in &policies {
        let name = text(policy, "metadata/name");
        of_policy(manifests, policy, &mut |text| faults.push(format!("NetworkPolicy {name}: {text}")));
    }
    let policy_of = |pod: Pod<'_>| {
        policies.iter().copied().find(|it| pod.is_selected(at(it, "spec/podSelector/matchLabels")))
    };
    for pod in Pod::all(manifests) {
        let name = pod.component();
        let Some(own) = policy_of(pod) else {
            faults.push(format!("{name}: no NetworkPolicy is for it"));
            continue;
        };
        for address in pod.calls() {
            let selector = service_at(manifests, address).map_or(&Value::Null, |it| at(it, "spec/selector"));
            for called in Pod::selected(manifests, selector) {
                let is_let_out = is_peer(list(own, "spec/egress"), "to", called);
                let is_let_in =
                    policy_of(called).is_some_and(|it| is_peer(list(it, "spec/ingress"), "from", pod));
                if !is_let_out || !is_let_in {
                    faults.push(format!("{name} may not connect to {}, which it calls", called.component()));
                }
            }
        }
    }
}

/// Whether a rule for the port `http` names this pod.
fn is_peer<'a>(mut rules: impl Iterator<Item = &'a Value>, side: &str, pod: Pod<'_>) -> bool {
    rules.any(|rule| {
        list(rule, "ports").any(|port| port["port"] == "http")
            && list(rule, side).any(|peer| pod.is_selected(at(peer, "podSelector/matchLabels")))
    })
}

fn of_policy(manifests: &[Value], policy: &Value, fault: &mut impl FnMut(String)) {
    let pods = Pod::selected(manifests, at(policy, "spec/podSelector/matchLabels"));
    let [pod] = pods[..] else { return fault(format!("it is for {} kinds of pods", pods.len())) };
    if *at(policy, "spec/policyTypes") != json!(["Ingress", "Egress"]) {
        fault("it does not bound both directions".to_owned());
    }
    for port in list(policy, "spec/ingress").flat_map(|rule| list(rule, "ports")) {
        if !pod.ports().contains_key(text(port, "port")) {
            fault(format!("{} has no port {}", pod.component(), port["port"]));
        }
    }
    for rule in list(policy, "spec/ingress") {
        let names = list(rule, "ports").map(|port| text(port, "port"));
        if rule["from"].is_null() && names.into_iter().any(|name| name != "http" || pod.is_waybill()) {
            fault("everybody may connect".to_owned());
        }
    }
    for rule in list(policy, "spec/egress") {
        if list(rule, "ports").next().is_none() {
            fault("it may connect to every port".to_owned());
        }
        for peer in list(rule, "to") {
            let labels = at(peer, "podSelector/matchLabels");
            let of_release = labels.get("app.kubernetes.io/instance").is_some();
            if of_release && Pod::selected(manifests, labels).is_empty() {
                fault(format!("it may connect to {labels}, which is no pod"));
            }
        }
    }
}
