use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;
use waybill::endpoints::endpoints;
use waybill::http::service_of;
use waybill::settings::ComponentName;
use waybill_contracts::ORDERS_QUEUE;

use crate::files::Files;
use crate::program::{Role, port, port_of, variables};

/// Paths that no document describes, some of which have no route.
const PATHS: [&str; 10] = [
    "/docs",
    "/docs/orders",
    "/docs/invoices",
    "/openapi.json",
    "/openapi/orders.json",
    "/openapi/invoices.json",
    "/health",
    "/ordersandmore",
    "/console",
    "/",
];

/// Those, and the paths of all endpoints.
fn paths() -> impl Iterator<Item = &'static str> {
    PATHS.into_iter().chain(endpoints().iter().map(|endpoint| endpoint.path))
}

/// Each endpoint for callers has a route of the host's own gateway, and the others have none.
pub fn gateway(faults: &mut Vec<String>) {
    for endpoint in endpoints() {
        let expected = endpoint.scope().map(|_| endpoint.service);
        if service_of(endpoint.path) != expected {
            faults.push(format!("the gateway has {:?} for {}", service_of(endpoint.path), endpoint.path));
        }
    }
}

pub fn compose(files: &Files, faults: &mut Vec<String>) {
    let file = "docker-compose.yml";
    let document = files.yaml(file);
    let mut fault = |text: String| faults.push(format!("{file}: {text}"));
    for (name, service) in document["services"].as_object().unwrap() {
        let words: Vec<&str> = strings(&service["command"]);
        if service["image"] == "waybill:0.1.0" {
            match Role::of(&words) {
                Ok(role) => {
                    let given = service["environment"].as_object().unwrap().keys().map(String::as_str);
                    role.unknown(given).into_iter().for_each(&mut fault);
                }
                Err(unknown) => fault(unknown),
            }
            let check = strings(&service["healthcheck"]["test"]);
            if let [_, _, rest @ ..] = check.as_slice()
                && let Err(unknown) = Role::of(rest)
            {
                fault(unknown);
            }
        }
        for (variable, flag) in
            [("WAYBILL_ORDERS_LISTEN", "orders-listen"), ("WAYBILL_INVOICES_LISTEN", "invoices-listen")]
        {
            if let Some(address) = service["environment"][variable].as_str()
                && port_of(address) != Some(port(flag))
            {
                fault(format!("{name} listens on {address}, and everybody else expects {}", port(flag)));
            }
        }
    }
    let published = |service: &str| -> BTreeMap<u16, u16> {
        let ports = strings(&document["services"][service]["ports"]);
        ports
            .iter()
            .map(|text| {
                let numbers: Vec<u16> =
                    text.rsplit(':').take(2).map(|number| number.parse().unwrap()).collect();
                (numbers[1], numbers[0])
            })
            .collect()
    };
    let of_database = |name: &str| {
        let pattern = Regex::new(&format!(r"docker:docker@localhost:(\d+)/{name}")).unwrap();
        pattern.captures(files.text("docs/postgresql.md")).unwrap()[1].parse::<u16>().unwrap()
    };
    for (service, outside, inside) in [
        ("orders", port("orders-listen"), port("orders-listen")),
        ("invoices", port("invoices-listen"), port("invoices-listen")),
        ("api-gateway", port("gateway-listen"), 8000),
        ("api-gateway", 8443, 8443),
        ("jaeger", port("traces-listen"), 16686),
        ("jaeger", 4317, 4317),
        ("jaeger", 4318, 4318),
        ("broker", 5672, 5672),
        ("broker", 15672, 15672),
        ("pg", of_database("orders"), 5432),
        ("invoices-pg", of_database("invoices"), 5432),
    ] {
        let found = published(service);
        if found.get(&outside) != Some(&inside) {
            fault(format!("{service} is not to be found on {outside} for its {inside}: {found:?}"));
        }
    }
    for (variable, flag) in [("ORDERS_UPSTREAM", "orders-listen"), ("INVOICES_UPSTREAM", "invoices-listen")] {
        let given = document["services"]["api-gateway"]["environment"][variable].as_str().unwrap();
        let address = given.split(":-").nth(1).unwrap_or(given).trim_end_matches('}');
        if port_of(address) != Some(port(flag)) {
            fault(format!("Kong looks for {address}, which is {} ({variable})", port(flag)));
        }
    }
    // Everything is for this machine only, and what is for callers can be opened.
    for (name, service) in document["services"].as_object().unwrap() {
        for text in strings(&service["ports"]) {
            let is_for_callers = name == "api-gateway" && text.starts_with("${WAYBILL_PUBLISH:-127.0.0.1}:");
            if !text.starts_with("127.0.0.1:") && !is_for_callers {
                fault(format!("{name} opens {text} to everybody"));
            }
        }
    }
}

pub fn dockerfile(files: &Files, faults: &mut Vec<String>) {
    let file = "deploy/Dockerfile";
    let text = files.text(file).replace("\\\n", " ");
    let last_stage = text.rsplit("\nFROM ").next().unwrap();
    let mut fault = |text: String| faults.push(format!("{file}: {text}"));
    let instruction = |name: &str| -> Vec<&str> {
        last_stage.lines().filter_map(|line| line.strip_prefix(name)).map(str::trim).collect()
    };
    let exposed: Vec<u16> = instruction("EXPOSE")
        .into_iter()
        .flat_map(str::split_whitespace)
        .map(|port| port.parse().unwrap())
        .collect();
    let known = variables();
    for pair in instruction("ENV").into_iter().flat_map(str::split_whitespace) {
        let (name, value) = pair.split_once('=').unwrap();
        if !known.contains(name) {
            fault(format!("no role knows {name}"));
        }
        let expected = match name {
            "WAYBILL_ORDERS_LISTEN" => port("orders-listen"),
            "WAYBILL_INVOICES_LISTEN" => port("invoices-listen"),
            "WAYBILL_ADMIN_LISTEN" => 9464,
            _ => continue,
        };
        if port_of(value) != Some(expected) {
            fault(format!("{name} is {value}, and everybody else expects {expected}"));
        }
        if !exposed.contains(&expected) {
            fault(format!("{expected} is not exposed ({name})"));
        }
    }
    if instruction("ENTRYPOINT") != [r#"["/waybill"]"#] {
        fault("the entry point is not /waybill".to_owned());
    }
    if !instruction("USER")
        .iter()
        .any(|user| user.starts_with(|first: char| first.is_ascii_digit() && first != '0'))
    {
        fault("it runs as root".to_owned());
    }
    for check in instruction("HEALTHCHECK") {
        let words: Vec<String> = serde_json::from_str(check.split("CMD").nth(1).unwrap()).unwrap();
        let words: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        if let Err(unknown) = Role::of(&words) {
            fault(unknown);
        }
    }
}

pub fn kong(files: &Files, faults: &mut Vec<String>) {
    let document = files.yaml("kong");
    let mut fault = |text: String| faults.push(format!("kong: {text}"));
    if document["_format_version"] != "3.0" {
        fault(format!("the format is {}", document["_format_version"]));
    }
    for upstream in document["upstreams"].as_array().unwrap() {
        let name = upstream["name"].as_str().unwrap();
        let target = upstream["targets"][0]["target"].as_str().unwrap();
        let expected = format!("{name}:{}", port(&format!("{name}-listen")));
        if target != expected {
            fault(format!("{name} is looked for at {target}, and is at {expected}"));
        }
    }
    let mut routes = Vec::new();
    for service in document["services"].as_array().unwrap() {
        for route in service["routes"].as_array().unwrap() {
            if route["strip_path"] != false {
                fault(format!(
                    "the route {} has strip_path: its service answers under the whole path",
                    route["name"]
                ));
            }
            let priority = route["regex_priority"].as_i64().unwrap_or(0);
            for path in strings(&route["paths"]) {
                let pattern = Regex::new(&format!("^{}", path.trim_start_matches('~'))).unwrap();
                routes.push((priority, pattern, service["name"].as_str().unwrap()));
            }
        }
    }
    routes.sort_by_key(|(priority, ..)| -priority);
    for path in paths() {
        let theirs = routes.iter().find(|(_, pattern, _)| pattern.is_match(path)).map(|(_, _, name)| *name);
        let ours = service_of(path).map(ComponentName::as_str);
        if theirs != ours {
            fault(format!("{path} goes to {theirs:?}, and by the host's own gateway to {ours:?}"));
        }
    }
}

pub fn spin(files: &Files, faults: &mut Vec<String>) {
    let manifest: toml::Table = files.text("spin.toml").parse().unwrap();
    let mut fault = |text: String| faults.push(format!("spin.toml: {text}"));
    let known = variables();
    for name in manifest["variables"].as_table().unwrap().keys() {
        let (upper, ours) = (name.to_uppercase(), format!("WAYBILL_{}", name.to_uppercase()));
        // Where Spin lets components connect to is its own affair.
        if !known.contains(&upper) && !known.contains(&ours) && name != "database_address" {
            fault(format!("{name} is called otherwise everywhere else"));
        }
    }
    let routes: Vec<(String, String)> = manifest["trigger"]["http"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["route"].as_str().unwrap().to_owned(), it["component"].as_str().unwrap().to_owned()))
        .collect();
    for path in paths() {
        let fits = |route: &str| match route.strip_suffix("/...") {
            Some(prefix) => path == prefix || path.starts_with(&format!("{prefix}/")),
            None => path == route,
        };
        // The longest route counts, as Spin has it.
        let theirs = routes.iter().filter(|(route, _)| fits(route)).max_by_key(|(route, _)| route.len());
        if let Some(ours) = service_of(path)
            && theirs.map(|(_, component)| component.as_str()) != Some(ours.as_str())
        {
            fault(format!("{path} goes to {theirs:?}, and by the host's own gateway to {}", ours.as_str()));
        }
    }
}

pub fn spinkube(files: &Files, faults: &mut Vec<String>) {
    for file in
        ["deploy/kubernetes/relay.yaml", "deploy/kubernetes/webhooks.yaml", "deploy/kubernetes/migrate.yaml"]
    {
        let document = files.yaml(file);
        let container = &document["spec"]["template"]["spec"]["containers"][0];
        match Role::of(&strings(&container["args"])) {
            Ok(role) => {
                let given = container["env"].as_array().into_iter().flatten();
                let unknown = role.unknown(given.filter_map(|variable| variable["name"].as_str()));
                faults.extend(unknown.into_iter().map(|text| format!("{file}: {text}")));
            }
            Err(unknown) => faults.push(format!("{file}: {unknown}")),
        }
    }
}

pub fn wadm(files: &Files, faults: &mut Vec<String>) {
    for file in ["wadm.yaml", "deploy/wadm.local.yaml"] {
        let text = files.text(file);
        let value = |name: &str| -> Vec<String> {
            let pattern = Regex::new(&format!(r"(?m)^\s+{name}: (\S+)$")).unwrap();
            pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
        };
        let ports: Vec<_> = value("address").iter().map(|address| port_of(address)).collect();
        if ports != [Some(port("orders-listen")), Some(port("invoices-listen"))] {
            faults.push(format!("{file}: the services are on {ports:?}"));
        }
        if value("queue") != [ORDERS_QUEUE] {
            faults.push(format!(
                "{file}: the queue is {:?}, and everybody else's {ORDERS_QUEUE}",
                value("queue")
            ));
        }
    }
}

/// The texts of a list.
pub fn strings(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}
