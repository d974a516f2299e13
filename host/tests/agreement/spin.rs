//! How Spin is started, by its page and on Kubernetes.

use crate::files::Files;

/// The version from which on Spin knows `[outbound_pg]`. An older one refuses to start with a key that it does not know.
const BOUNDED_SINCE: &str = "4.1";

/// Every `spin up` of its page starts on every Spin 4, or says which one it needs.
pub fn commands(files: &Files, faults: &mut Vec<String>) {
    let file = "docs/spin.md";
    let section = files.text(file);
    let mut commands = 0;
    let mut prose = "";
    for (number, part) in section.split("```").enumerate() {
        if number % 2 == 0 {
            prose = part;
            continue;
        }
        let block = part.replace("\\\n", " ");
        for line in block.lines().filter(|line| line.starts_with("spin up")) {
            commands += 1;
            let is_bounded = line.contains("--runtime-config-file");
            if is_bounded && (commands == 1 || !prose.contains(BOUNDED_SINCE)) {
                faults.push(format!(
                    "{file}: this does not start on Spin 4.0, which knows no outbound_pg: {line}"
                ));
            }
        }
    }
    if commands == 0 {
        faults.push(format!("{file}: nothing says how Spin is started"));
    }
    if !files.text(".gitignore").lines().any(|line| line == "/.spin") {
        faults.push(".gitignore: the logs of components in .spin are not ignored".to_owned());
    }
}

/// Kubernetes: the runtime configuration is set only where it exists.
pub fn kubernetes(files: &Files, faults: &mut Vec<String>) {
    let file = "deploy/spinkube/waybill.yaml";
    if !files.yaml(file)["spec"]["runtimeConfig"].is_null() {
        faults.push(format!("{file}: Spin 4.0 knows no outbound_pg, and does not start with runtimeConfig"));
    }
    let variables = files.yaml(file)["spec"]["variables"].as_array().unwrap().clone();
    for variable in variables.iter().filter(|variable| !variable["value"].is_null()) {
        faults.push(format!("{file}: the secret {} stands in the manifest", variable["name"]));
    }
    let manifest: toml::Table = files.text("deploy/spin/runtime-config.toml").parse().unwrap();
    if manifest.keys().collect::<Vec<_>>() != ["outbound_pg"] {
        faults.push("deploy/spin/runtime-config.toml: it has more than the bound on connections".to_owned());
    }
}
