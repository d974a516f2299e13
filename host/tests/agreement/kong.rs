//! What Kong does to callers and to connections, beside its routes.

use regex::Regex;
use waybill::http::IDLE_TIME;

use crate::files::Files;

/// The setting by which Kong lets go of idle connections to the services, in seconds.
const KEEP_ALIVE: &str = "KONG_UPSTREAM_KEEPALIVE_IDLE_TIMEOUT";

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
    }
}

/// Kong has to let go of a connection before Waybill closes it, wherever it is started.
pub fn keep_alive(files: &Files, faults: &mut Vec<String>) {
    let pattern = Regex::new(&format!(r"{KEEP_ALIVE}[=:]\s*(\d+)")).unwrap();
    for file in ["gateway/Dockerfile", "gateway/README.md"] {
        match pattern.captures(files.text(file)).map(|found| found[1].parse::<u64>().unwrap()) {
            Some(seconds) if (1..IDLE_TIME.as_secs()).contains(&seconds) => {}
            found => faults.push(format!(
                "{file}: {KEEP_ALIVE} is {found:?}, and Waybill closes idle connections after {IDLE_TIME:?}"
            )),
        }
    }
    if let Some(found) = pattern.captures(files.text("docker-compose.yml")) {
        faults.push(format!("docker-compose.yml: {} is the image's to say", &found[0]));
    }
}

/// By default no page of another origin may call, and Kong and the services behind it have the same origins.
pub fn origins(files: &Files, faults: &mut Vec<String>) {
    let document = files.yaml("kong");
    for plugin in document["plugins"].as_array().unwrap().iter().filter(|plugin| plugin["name"] == "cors") {
        let has_all = plugin["config"]["origins"].as_array().unwrap().iter().any(|origin| origin == "*");
        if plugin["enabled"] != false || has_all {
            faults.push(format!("kong: pages of {} may call by default", plugin["config"]["origins"]));
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
