//! Kubernetes sends requests to what is ready, restarts what does not work, and gives each the time to end.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::manifest::at;
use crate::{Pod, project};

/// How long requests in flight may take after the listeners have closed, in seconds.
const AFTER_DRAIN_S: u64 = 10;

/// How long a role without callers takes at most to end, in seconds.
const END_S: u64 = 30;

const LIVE: &str = "/livez";
const READY: &str = "/readyz";

pub fn check(manifests: &[Value], faults: &mut Vec<String>) -> Result<()> {
    let operations =
        fs::read_to_string(project().join("docs/operations.md")).context("docs/operations.md")?;
    for path in [LIVE, READY] {
        ensure!(operations.contains(&format!("| `{path}` |")), "docs/operations.md says nothing of {path}");
    }
    for pod in Pod::all(manifests).filter(Pod::is_service) {
        let name = pod.component();
        let mut fault = |text: String| faults.push(format!("{name}: {text}"));
        for container in pod.containers() {
            of_container(pod, container, &mut fault);
        }
        let grace_s = pod.spec()["terminationGracePeriodSeconds"].as_u64().unwrap_or(30);
        let delay_s = pod.value("WAYBILL_DRAIN_DELAY_S").and_then(|text| text.parse::<u64>().ok());
        match delay_s {
            Some(delay_s) if grace_s <= delay_s + AFTER_DRAIN_S => {
                fault(format!("it is killed after {grace_s} s, before its drain of {delay_s} s has ended"));
            }
            None if pod.ports().contains_key("http") && pod.is_waybill() => {
                fault("without WAYBILL_DRAIN_DELAY_S a stop breaks requests".to_owned());
            }
            _ if grace_s < END_S => fault(format!("it is killed after {grace_s} s")),
            _ => {}
        }
    }
    Ok(())
}

fn of_container(pod: Pod<'_>, container: &Value, fault: &mut impl FnMut(String)) {
    let paths =
        if pod.is_waybill() { [LIVE, LIVE, READY] } else { ["/status/ready", "/status", "/status/ready"] };
    for (probe, path) in ["startupProbe", "livenessProbe", "readinessProbe"].into_iter().zip(paths) {
        let asked = at(container, probe);
        let found = at(asked, "httpGet/path");
        if found != path {
            fault(format!("the {probe} asks {found}"));
        }
        let port = at(asked, "httpGet/port").as_str().unwrap_or_default();
        let expected = if pod.is_waybill() { ("admin", 9464) } else { ("status", 8100) };
        if port != expected.0 || pod.ports().get(port) != Some(&expected.1) {
            fault(format!("the {probe} asks the port {port}"));
        }
        // `waybill health` waits as long.
        if asked["timeoutSeconds"].as_u64().is_none_or(|limit_s| limit_s < 3) {
            fault(format!("the {probe} is given less than 3 s"));
        }
    }
    // On another CPU than the image was made for, a component is compiled first.
    let start_s = at(container, "startupProbe/periodSeconds").as_u64().unwrap_or(0)
        * at(container, "startupProbe/failureThreshold").as_u64().unwrap_or(0);
    if start_s < 60 {
        fault(format!("it has {start_s} s to start"));
    }
}
