//! Protections that are settings, and off by default because they need an address, a key, or time: what we ship switches them on.

use std::process::Command;

use serde_json::Value;

use crate::files::Files;
use crate::manifests::strings;
use crate::program::Role;

/// How long requests in flight may take after the listeners have closed, in seconds.
const AFTER_DRAIN_S: u64 = 10;

/// What a manifest gives to a role.
pub struct Given<'a> {
    pub role: &'a Role,
    /// A variable's value, if the manifest has it; a secret has none to show.
    pub value: &'a dyn Fn(&str) -> Option<String>,
    /// How long it may take to end before it is killed, in seconds.
    pub grace_s: Option<u64>,
}

/// Which protections are off.
pub fn missing(given: &Given<'_>) -> Vec<String> {
    let Given { role, value, grace_s } = given;
    let mut faults = Vec::new();
    let management = "BROKER_MANAGEMENT_URL";
    // The audit counts messages, and sends none.
    let sends = role.knows(management) && role.name() != "audit";
    if sends && value("BROKER_URL").is_some() && value(management).is_none() {
        faults.push(format!("without {management} a policy that loses messages is not noticed"));
    }
    if role.knows("WAYBILL_SECRETS_KEY") && value("WAYBILL_SECRETS_KEY").is_none() {
        faults.push(
            "without WAYBILL_SECRETS_KEY a dump of the database has the secrets of webhooks".to_owned(),
        );
    }
    if role.knows("WAYBILL_DRAIN_DELAY_S") {
        let delay = value("WAYBILL_DRAIN_DELAY_S").and_then(|text| text.parse().ok()).unwrap_or(0);
        if delay == 0 {
            faults.push(
                "without WAYBILL_DRAIN_DELAY_S a stop breaks the requests of load balancers".to_owned(),
            );
        }
        if grace_s.is_none_or(|grace| grace <= delay + AFTER_DRAIN_S) {
            faults.push(format!("it is killed after {grace_s:?} s, before its drain of {delay} s has ended"));
        }
    }
    faults
}

pub fn compose(files: &Files, faults: &mut Vec<String>) {
    let file = "docker-compose.yml";
    let services = &files.yaml(file)["services"];
    for (name, service) in services.as_object().unwrap() {
        let Ok(role) = Role::of(&strings(&service["command"])) else { continue };
        if service["image"] != "waybill:0.1.0" {
            continue;
        }
        let key = || made_key(services, service);
        let value = |variable: &str| match &service["environment"][variable] {
            Value::Null => (variable == "WAYBILL_SECRETS_KEY").then(key).flatten(),
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let grace =
            service["stop_grace_period"].as_str().and_then(|text| text.strip_suffix('s')?.parse().ok());
        let found = missing(&Given { role: &role, value: &value, grace_s: grace });
        faults.extend(found.into_iter().map(|fault| format!("{file}: {name}: {fault}")));
    }
}

/// The key in the settings file that another service makes for this one, in the volume that is its working directory.
fn made_key(services: &Value, service: &Value) -> Option<String> {
    let folder = service["working_dir"].as_str()?;
    let volume = strings(&service["volumes"])
        .into_iter()
        .find_map(|text| text.strip_suffix(&format!(":{folder}:ro")))?;
    let maker = services
        .as_object()?
        .iter()
        .find(|(_, other)| strings(&other["volumes"]).contains(&format!("{volume}:{folder}").as_str()))?;
    if service["depends_on"][maker.0]["condition"] != "service_completed_successfully" {
        return None;
    }
    // As Compose and a container would do it, but in a folder of this test.
    let made = tempfile::tempdir().ok()?;
    let script = strings(&maker.1["entrypoint"]).last()?.replace("$$", "$");
    let script = script.replace(folder, made.path().to_str()?);
    let run = || -> Option<String> {
        let ended = Command::new("sh").args(["-ec", &script]).status().ok()?;
        ended.success().then(|| std::fs::read_to_string(made.path().join(".env")).ok())?
    };
    let (first, second) = (run()?, run()?);
    let key = first.trim_end().strip_prefix("WAYBILL_SECRETS_KEY='")?.strip_suffix('\'')?;
    (first == second && waybill_webhooks::SecretKeys::new(key).is_ok()).then(|| key.to_owned())
}

pub fn kubernetes(files: &Files, faults: &mut Vec<String>) {
    for file in ["deploy/kubernetes/relay.yaml", "deploy/kubernetes/webhooks.yaml"] {
        let document = files.yaml(file);
        let pod = &document["spec"]["template"]["spec"];
        let container = &pod["containers"][0];
        let Ok(role) = Role::of(&strings(&container["args"])) else { continue };
        let variable = |name: &str| {
            let given = container["env"].as_array().into_iter().flatten();
            given.into_iter().find(|variable| variable["name"] == name).cloned()
        };
        let value = |name: &str| {
            let reference = &variable(name)?["valueFrom"]["secretKeyRef"];
            let key = reference["key"].as_str().map(str::to_owned);
            // Nobody can start what needs a secret that the commands do not make.
            let readmes = ["deploy/spinkube/README.md", "deploy/wasmcloud/README.md"];
            let made =
                |key: &String| readmes.iter().all(|file| files.text(file).contains(&format!("{key}=")));
            key.filter(made)
        };
        let grace = pod["terminationGracePeriodSeconds"].as_u64();
        let found = missing(&Given { role: &role, value: &value, grace_s: grace });
        faults.extend(found.into_iter().map(|fault| format!("{file}: {fault}")));
    }
}
