use serde_json::Value;

use crate::manifests::strings;
use crate::program::{Role, port, port_of};
use crate::protections::{Given, missing};

/// What Pulumi would make: the containers of each task definition.
pub fn graph(graph: &Value, faults: &mut Vec<String>) {
    let mut roles = Vec::new();
    for resource in graph.as_array().unwrap() {
        if resource["type"] != "aws:ecs/taskDefinition:TaskDefinition" {
            continue;
        }
        for container in resource["inputs"]["containerDefinitions"].as_array().unwrap() {
            check(container, &mut roles, faults);
        }
    }
    for role in ["serve orders", "serve invoices", "relay", "webhooks", "migrate"] {
        if !roles.iter().any(|known| known == role) {
            faults.push(format!("infra: no service runs waybill {role}"));
        }
    }
}

fn check(container: &Value, roles: &mut Vec<String>, faults: &mut Vec<String>) {
    let name = container["name"].as_str().unwrap_or_default();
    let mut fault = |text: String| faults.push(format!("infra, {name}: {text}"));
    let environment = || {
        let plain = container["environment"].as_array().into_iter().flatten();
        plain.chain(container["secrets"].as_array().into_iter().flatten())
    };
    let variables: Vec<&str> = environment().filter_map(|variable| variable["name"].as_str()).collect();
    let value =
        |wanted: &str| environment().find(|it| it["name"] == wanted).and_then(|it| it["value"].as_str());
    let words = strings(&container["command"]);
    match name {
        "kong" => {
            for (variable, flag) in
                [("ORDERS_UPSTREAM", "orders-listen"), ("INVOICES_UPSTREAM", "invoices-listen")]
            {
                if value(variable).and_then(port_of) != Some(port(flag)) {
                    fault(format!(
                        "{variable} is {:?}, and everybody else expects {}",
                        value(variable),
                        port(flag)
                    ));
                }
            }
        }
        "orders" | "invoices" | "relay" | "webhooks" | "migrate" => {
            roles.push(words.join(" "));
            match Role::of(&words) {
                Ok(role) => {
                    let given = |name: &str| {
                        let found = environment().find(|it| it["name"] == name)?;
                        Some(found["value"].as_str().unwrap_or_default().to_owned())
                    };
                    let grace_s = container["stopTimeout"].as_u64();
                    missing(&Given { role: &role, value: &given, grace_s }).into_iter().for_each(&mut fault);
                    role.unknown(variables).into_iter().for_each(&mut fault);
                }
                Err(unknown) => fault(unknown),
            }
            let listen = format!("WAYBILL_{}_LISTEN", name.to_uppercase());
            if let Some(address) = value(&listen) {
                let expected = port(&format!("{name}-listen"));
                let mapped = container["portMappings"].as_array().into_iter().flatten();
                let is_mapped = mapped.clone().any(|it| it["containerPort"] == expected);
                if port_of(address) != Some(expected) || !is_mapped {
                    fault(format!(
                        "it listens on {address} ({:?}), and everybody else expects {expected}",
                        mapped.collect::<Vec<_>>()
                    ));
                }
            }
            if let [_, _, rest @ ..] = strings(&container["healthCheck"]["command"]).as_slice()
                && let Err(unknown) = Role::of(rest)
            {
                fault(unknown);
            }
        }
        _ => {}
    }
}
