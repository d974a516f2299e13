//! Each variable is a setting of the role that is given it, and no secret is written down.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::manifest::at;
use crate::{Pod, project};

/// Variables that are read everywhere and not in the table of settings.
const EVERYWHERE: &str = "OTEL_";

/// What the table of settings leaves to the pages of these roles.
const BESIDE_THE_TABLE: [&str; 2] = ["audit", "migrate"];

/// Settings that are secrets.
const SECRETS: [&str; 5] = [
    "BROKER_URL",
    "INVOICES_DATABASE_URL",
    "ORDERS_DATABASE_URL",
    "WAYBILL_EVENTS_TOKEN",
    "WAYBILL_SECRETS_KEY",
];

pub fn check(manifests: &[Value], faults: &mut Vec<String>) -> Result<()> {
    let settings = settings()?;
    let entry_point = fs::read_to_string(project().join("gateway/entrypoint.sh"))?;
    for pod in Pod::all(manifests) {
        let name = pod.component();
        let mut fault = |text: String| faults.push(format!("{name}: {text}"));
        let role =
            pod.words().into_iter().take_while(|word| !word.starts_with("--")).collect::<Vec<_>>().join(" ");
        let mut seen = BTreeSet::new();
        for (variable, given) in pod.variables() {
            if !seen.insert(variable) {
                fault(format!("{variable} is there twice"));
            }
            match settings.get(variable) {
                _ if !pod.is_waybill() => {
                    if !entry_point.contains(variable) {
                        fault(format!("gateway/entrypoint.sh knows no {variable}"));
                    }
                }
                Some(roles) => {
                    if !roles.contains("all") && !roles.contains(&role) && !BESIDE_THE_TABLE.contains(&name) {
                        fault(format!("waybill {role} knows no {variable}"));
                    }
                }
                None if variable.starts_with(EVERYWHERE) => {}
                // What another variable is made of.
                None if made_of(pod, variable).is_some() => {}
                None => fault(format!("no role knows {variable}")),
            }
            if let Some(text) = secret_in(pod, variable, given) {
                fault(text);
            }
        }
        let needs = |variable: &str| seen.contains(variable);
        if needs("BROKER_URL") && !needs("BROKER_MANAGEMENT_URL") && name != "audit" {
            fault("without BROKER_MANAGEMENT_URL a policy that loses messages is not noticed".to_owned());
        }
        if name == "webhooks" && !needs("WAYBILL_SECRETS_KEY") {
            fault(
                "without WAYBILL_SECRETS_KEY a dump of the database has the secrets of webhooks".to_owned(),
            );
        }
        if pod.is_waybill() && pod.ports().contains_key("http") && !needs("WAYBILL_KEY_CHECK") {
            fault("without WAYBILL_KEY_CHECK the program decides by its address who needs a key".to_owned());
        }
    }
    Ok(())
}

/// The roles of each setting, by the table of `docs/settings.md`, which the program writes.
fn settings() -> Result<BTreeMap<String, BTreeSet<String>>> {
    let text = fs::read_to_string(project().join("docs/settings.md")).context("docs/settings.md")?;
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let settings: BTreeMap<_, _> = rows
        .filter_map(|(name, rest)| {
            let roles = rest.trim_end_matches(" |").rsplit(" | ").next()?;
            Some((name.to_owned(), roles.split(", ").map(str::to_owned).collect()))
        })
        .collect();
    for known in SECRETS {
        ensure!(settings.contains_key(known), "docs/settings.md has no {known}");
    }
    Ok(settings)
}

/// The variable whose value has this one in it.
fn made_of<'a>(pod: Pod<'a>, variable: &str) -> Option<&'a str> {
    let reference = format!("$({variable})");
    let mut variables = pod.variables().into_iter();
    variables
        .find(|(_, given)| given["value"].as_str().is_some_and(|text| text.contains(&reference)))
        .map(|(name, _)| name)
}

/// How a variable shows a secret, or takes one from elsewhere than a Secret.
fn secret_in(pod: Pod<'_>, variable: &str, given: &Value) -> Option<String> {
    let reference = at(given, "valueFrom/secretKeyRef");
    let is_reference =
        reference["name"].as_str().is_some_and(|name| !name.is_empty()) && reference["key"].is_string();
    let Some(value) = given["value"].as_str() else {
        let is_secret = SECRETS.contains(&variable) || made_of(pod, variable).is_some();
        return (!is_secret || !is_reference).then(|| format!("{variable} is taken from {given}"));
    };
    // A URL that is made of a Secret's, with parameters.
    let is_made =
        value.starts_with("$(") && value.split_once(")?").is_some_and(|(_, rest)| !rest.contains(['$', '@']));
    let is_shown = SECRETS.contains(&variable) && !is_made;
    let has_account = value.contains("://") && value.contains('@');
    (is_shown || has_account).then(|| format!("{variable} is written down"))
}
