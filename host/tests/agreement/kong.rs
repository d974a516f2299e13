//! What Kong does to callers and to connections, beside its routes.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use waybill::http::{ALLOWED_HEADERS, DRAINING, EXPOSED_HEADERS, IDLE_TIME, REQUEST_ID};

use crate::files::Files;
use crate::manifests::strings;
use crate::program::Role;

/// Settings of Kong with one right value, and what another one would do.
const SETTINGS: [(&str, &str, &str); 9] = [
    ("KONG_DATABASE", "off", "routes could be changed while it runs"),
    ("KONG_ADMIN_LISTEN", "off", "a client of the Admin API can send all orders elsewhere"),
    ("KONG_ADMIN_GUI_LISTEN", "off", "Kong Manager is the Admin API's page"),
    ("KONG_HEADERS", "off", "every caller learns Kong's version"),
    ("KONG_ANONYMOUS_REPORTS", "off", "reports go to Kong Inc."),
    (
        "KONG_NGINX_WORKER_PROCESSES",
        "2",
        "it does not fit into the memory of Compose on a machine with many cores",
    ),
    (
        "KONG_NGINX_HTTP_CLIENT_MAX_BODY_SIZE",
        "64k",
        "a chunked body of any size is written to disk before its 413",
    ),
    ("KONG_NGINX_HTTP_CLIENT_BODY_BUFFER_SIZE", "64k", "bodies are written to disk"),
    (
        "KONG_TRACING_INSTRUMENTATIONS",
        "request,balancer",
        "every trace is marked as not sampled, and Waybill's spans vanish too",
    ),
];

/// The settings as `entrypoint.sh settings` prints them.
pub fn values(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.split_once('=')).collect()
}

pub fn settings(files: &Files, faults: &mut Vec<String>) {
    let file = "kong settings";
    let given = values(files.text(file));
    let mut fault = |text: String| faults.push(format!("{file}: {text}"));
    for (name, right, otherwise) in SETTINGS {
        if given.get(name) != Some(&right) {
            fault(format!("{name} is {:?} and not {right}: {otherwise}", given.get(name)));
        }
    }
    // Kong has to close an idle connection before Waybill does.
    let name = "KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT";
    let seconds = given.get(name).and_then(|value| value.parse::<u64>().ok());
    if !seconds.is_some_and(|seconds| (1..IDLE_TIME.as_secs()).contains(&seconds)) {
        fault(format!("{name} is {seconds:?}, and Waybill closes idle connections after {IDLE_TIME:?}"));
    }
    for name in ["KONG_PROXY_LISTEN", "KONG_STATUS_LISTEN"] {
        let addresses = given.get(name).copied().unwrap_or_default();
        if addresses.is_empty() || addresses.split(", ").any(|address| !address.starts_with("127.0.0.1:")) {
            fault(format!("{name} opens {addresses:?} to others than this machine"));
        }
    }
    // An access log of another format would not be found by its name, and Kong would not start.
    let (format, log) = (given["KONG_NGINX_HTTP_LOG_FORMAT"], given["KONG_PROXY_ACCESS_LOG"]);
    if format.split(' ').next() != log.split(' ').nth(1) {
        fault(format!("KONG_PROXY_ACCESS_LOG is {log}, and the format {format}"));
    }
    let identifier = format!("$sent_http_{}", REQUEST_ID.as_str().replace('-', "_"));
    if !format.contains(&identifier) {
        fault(format!("KONG_NGINX_HTTP_LOG_FORMAT has no {identifier}, which callers are given"));
    }
}

/// What the file of settings says counts everywhere: neither the image nor Compose says something else.
pub fn overrides(files: &Files, faults: &mut Vec<String>) {
    // Where logs of a container go.
    let of_containers = ["KONG_PROXY_ACCESS_LOG", "KONG_PROXY_ERROR_LOG"];
    let settings = files.text("gateway/kong.env").lines().filter(|line| !line.starts_with('#'));
    let names: Vec<&str> = settings.filter_map(|line| Some(line.split_once('=')?.0)).collect();
    let document = files.yaml("docker-compose.yml");
    let compose = document["services"]["api-gateway"]["environment"].as_object().unwrap();
    for name in names.into_iter().filter(|name| !of_containers.contains(name)) {
        if compose.contains_key(name) {
            faults.push(format!("docker-compose.yml: {name} is for gateway/kong.env to say"));
        }
        if files.text("gateway/Dockerfile").contains(&format!("{name}=")) {
            faults.push(format!("gateway/Dockerfile: {name} is for gateway/kong.env to say"));
        }
    }
    let format = values(files.text("kong settings"))["KONG_NGINX_HTTP_LOG_FORMAT"];
    let log = format!("KONG_PROXY_ACCESS_LOG=\"/dev/stdout {}\"", format.split(' ').next().unwrap());
    if !files.text("gateway/Dockerfile").contains(&log) {
        faults.push(format!("gateway/Dockerfile: it has no {log}"));
    }
}

pub fn health_checks(files: &Files, faults: &mut Vec<String>) {
    let document = files.yaml("kong");
    for upstream in document["upstreams"].as_array().unwrap() {
        for counter in ["http_failures", "tcp_failures", "timeouts"] {
            let limit = &upstream["healthchecks"]["passive"]["unhealthy"][counter];
            if *limit != 0 {
                faults.push(format!(
                    "kong: callers can turn {} off: passive {counter} is {limit}",
                    upstream["name"]
                ));
            }
        }
        ends_of_copies(upstream, faults);
    }
}

/// A copy that drains gets no new requests, and one whose database is unavailable goes on to answer them.
fn ends_of_copies(upstream: &Value, faults: &mut Vec<String>) {
    let (name, checks) = (&upstream["name"], &upstream["healthchecks"]);
    let counts = |verdict: &str, status: u16| {
        let statuses = checks["active"][verdict]["http_statuses"].as_array();
        statuses.is_some_and(|statuses| statuses.contains(&json!(status)))
    };
    if !counts("unhealthy", DRAINING.as_u16()) || counts("healthy", DRAINING.as_u16()) {
        faults.push(format!("kong: a copy of {name} that drains ({DRAINING}) is not taken out"));
    }
    if !counts("healthy", 503) || counts("unhealthy", 503) {
        faults.push(format!(
            "kong: all copies of {name} are taken out when their database is unavailable (503)"
        ));
    }
    let successes = &checks["passive"]["healthy"]["successes"];
    if *successes != 0 {
        faults.push(format!(
            "kong: requests to {name} reset the failures of a copy that drains: passive successes is {successes}"
        ));
    }
}

/// The plugins of a kind.
fn plugins<'a>(document: &'a Value, name: &str) -> Vec<&'a Value> {
    document["plugins"].as_array().unwrap().iter().filter(|plugin| plugin["name"] == name).collect()
}

/// What each plugin does by default.
pub fn plugins_by_default(files: &Files, faults: &mut Vec<String>) {
    let document = files.yaml("kong");
    let mut fault = |text: String| faults.push(format!("kong: {text}"));
    for (name, values, otherwise) in [
        (
            "prometheus",
            json!({ "status_code_metrics": true, "latency_metrics": true, "upstream_health_metrics": true }),
            "dashboard and alerts have no requests of Kong",
        ),
        (
            "opentelemetry",
            json!({ "sampling_rate": 1.0 }),
            "traces are not sampled, and Waybill's spans vanish too",
        ),
        (
            "correlation-id",
            json!({ "header_name": REQUEST_ID.as_str(), "echo_downstream": true }),
            "no identifier",
        ),
        (
            "request-size-limiting",
            json!({ "allowed_payload_size": 65_536, "size_unit": "bytes" }),
            "larger bodies",
        ),
        (
            "request-transformer",
            json!({ "remove": { "headers": ["waybill-caller"] } }),
            "a caller names another one",
        ),
        (
            "key-auth",
            json!({ "key_in_query": false, "run_on_preflight": false, "hide_credentials": true }),
            "keys are in logs",
        ),
    ] {
        let found = plugins(&document, name);
        if found.is_empty() {
            fault(format!("there is no plugin {name}: {otherwise}"));
        }
        for (plugin, (key, right)) in
            found.iter().flat_map(|plugin| values.as_object().unwrap().iter().map(move |pair| (plugin, pair)))
        {
            if plugin["config"][key] != *right {
                fault(format!("{name} has {key} {}: {otherwise}", plugin["config"][key]));
            }
        }
    }
    // The descriptions are open, so the plugin is on the routes of the services only; and off, since the services check keys.
    let keys = plugins(&document, "key-auth");
    let routes: Vec<&Value> = keys.iter().map(|plugin| &plugin["route"]).collect();
    if routes != ["orders", "invoices"] || keys.iter().any(|plugin| plugin["enabled"] != false) {
        fault(format!("key-auth is for {routes:?}"));
    }
    if plugins(&document, "opentelemetry").iter().any(|plugin| plugin["enabled"] != false) {
        fault("traces are sent without an endpoint".to_owned());
    }
}

/// By default no page of another origin may call; and Kong, the host's own gateway and the services agree.
pub fn origins(files: &Files, faults: &mut Vec<String>) {
    let document = files.yaml("kong");
    for plugin in plugins(&document, "cors") {
        let config = &plugin["config"];
        let has_all = strings(&config["origins"]).contains(&"*");
        if plugin["enabled"] != false || has_all {
            faults.push(format!("kong: pages of {} may call by default", config["origins"]));
        }
        for (name, ours) in [("headers", &ALLOWED_HEADERS[..]), ("exposed_headers", &EXPOSED_HEADERS[..])] {
            if strings(&config[name]) != ours {
                faults.push(format!("kong: {name} of cors are {}, and the host's {ours:?}", config[name]));
            }
        }
    }
    let file = "docker-compose.yml";
    let services = &files.yaml(file)["services"];
    let named = |name: &str| services[name]["environment"]["WAYBILL_CORS_ORIGINS"].clone();
    for service in ["orders", "invoices"] {
        if named(service).is_null() || named(service) != named("api-gateway") {
            faults.push(format!(
                "{file}: {service} has the origins {}, and Kong {}",
                named(service),
                named("api-gateway")
            ));
        }
    }
}

/// Compose: what Kong can do to its machine, and who may call what it stands before.
pub fn confinement(files: &Files, faults: &mut Vec<String>) {
    let file = "docker-compose.yml";
    let services = &files.yaml(file)["services"];
    let kong = &services["api-gateway"];
    if kong["read_only"] != true || kong["cap_drop"] != json!(["ALL"]) || kong["tmpfs"].is_null() {
        faults.push(format!("{file}: api-gateway has rights that it does not need"));
    }
    // Nobody can call what requires a key before there is one.
    for file in [file, "docs/compose.md"] {
        let command =
            files.text(file).lines().find_map(|line| Some(line.split_once(" migrate keys create ")?.1));
        let words: Vec<&str> =
            command.and_then(|line| line.split(')').next()).unwrap_or_default().split(' ').collect();
        if let Err(unknown) = Role::of(&[&["keys", "create"], &words[..]].concat()) {
            faults.push(format!("{file}: the command that makes the first key does not work: {unknown}"));
        }
        if !words.contains(&"--name") || !words.contains(&"--scope") {
            faults.push(format!("{file}: no command makes the first key"));
        }
    }
    for service in ["orders", "invoices"] {
        let check = &services[service]["environment"]["WAYBILL_KEY_CHECK"];
        if check != "required" {
            faults.push(format!(
                "{file}: {service} has the key check {check}, and Kong passes on what others send"
            ));
        }
    }
}
