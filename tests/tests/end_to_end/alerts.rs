//! `deploy/grafana`: what the dashboard and the alerts ask for exists, and each alert has its place in the documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use regex::Regex;
use serde_json::Value;
use waybill_tests::{Ledger, Peer, Process, Rabbit, Waybill, eventually, skip};

use crate::TestEnv;
use crate::metrics::{scrape_text, series};

const LIMIT: Duration = Duration::from_secs(30);

/// Labels that Prometheus itself adds.
const OF_PROMETHEUS: [&str; 3] = ["job", "instance", "le"];

/// A label and values of it.
type Label = (&'static str, &'static [&'static str]);

/// What the plugin prometheus of Kong 3.9 exposes (kong/plugins/prometheus/exporter.lua), as `gateway/kong.template.yaml` sets it: of each
/// metric the labels, and the values that are used here.
const OF_KONG: [(&str, &[Label]); 5] = [
    (
        "kong_http_requests_total",
        &[
            ("service", &[]),
            ("route", &[]),
            ("code", &[]),
            ("source", &["kong", "service"]),
            ("workspace", &[]),
        ],
    ),
    ("kong_request_latency_ms_bucket", &[("service", &[]), ("route", &[]), ("workspace", &[])]),
    ("kong_upstream_latency_ms_bucket", &[("service", &[]), ("route", &[]), ("workspace", &[])]),
    ("kong_kong_latency_ms_bucket", &[("service", &[]), ("route", &[]), ("workspace", &[])]),
    (
        "kong_upstream_target_health",
        &[
            ("upstream", &[]),
            ("target", &[]),
            ("address", &[]),
            ("state", &["healthchecks_off", "healthy", "unhealthy", "dns_error"]),
            ("subsystem", &["http"]),
        ],
    ),
];

/// What there is: the labels of each metric, and the values of each label.
type Exposed = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

#[tokio::test]
async fn the_dashboard_and_the_alerts_ask_for_what_exists() -> Result<()> {
    let Some(exposed) = exposed().await? else { return Ok(()) };
    let mut expressions = Vec::new();
    collect(&serde_json::from_str(&read("deploy/grafana/waybill.json")?)?, &mut expressions);
    ensure!(expressions.len() > 20, "a dashboard with {} expressions", expressions.len());
    for rule in rules()? {
        expressions.push(rule["expr"].as_str().context("no expression")?.to_owned());
    }
    for expression in &expressions {
        check(expression, &exposed).with_context(|| expression.clone())?;
    }
    // It is able to fail.
    for wrong in [
        "rate(waybill_invoices[5m])",
        "waybill_outbox_events{status=\"pending\"}",
        "waybill_outbox_events{state=\"pendin\"}",
        "sum by (component, host) (waybill_instances_live)",
        "kong_upstream_target_health{state=\"down\"}",
        "rate(kong_http_status[5m])",
    ] {
        ensure!(check(wrong, &exposed).is_err(), "{wrong} was taken for right");
    }
    Ok(())
}

#[test]
fn every_alert_says_what_to_do() -> Result<()> {
    let operations = read("docs/operations.md")?;
    for rule in rules()? {
        let name = rule["alert"].as_str().context("no name")?;
        for annotation in ["summary", "description", "runbook_url"] {
            ensure!(rule["annotations"][annotation].is_string(), "{name} has no {annotation}");
        }
        let place = format!("docs/operations.md#{}", name.to_lowercase());
        ensure!(
            rule["annotations"]["runbook_url"].as_str().is_some_and(|url| url.ends_with(&place)),
            "{name}"
        );
        ensure!(operations.contains(&format!("\n#### {name}\n")), "docs/operations.md has nothing of {name}");
        ensure!(rule["labels"]["severity"].is_string(), "{name} has no severity");
    }
    Ok(())
}

#[test]
fn promtool_takes_the_rules_and_they_fire_when_they_should() -> Result<()> {
    let run = |arguments: &[&str]| {
        Command::new("promtool").args(arguments).current_dir(project().join("deploy/grafana")).output()
    };
    for arguments in [
        &["check", "rules", "alerts.yaml"][..],
        &["test", "rules", "alerts.test.yaml"],
        &["check", "config", "prometheus.yml"],
    ] {
        let Ok(ended) = run(arguments) else {
            skip("promtool is not installed (Debian's package prometheus)");
            return Ok(());
        };
        let said = [ended.stdout, ended.stderr].concat();
        ensure!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said));
    }
    Ok(())
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(project().join(path)).context(path.to_owned())
}

fn rules() -> Result<Vec<Value>> {
    let document: Value = serde_saphyr::from_str(&read("deploy/grafana/alerts.yaml")?)?;
    Ok(document["groups"][0]["rules"].as_array().context("no rules")?.clone())
}

/// The metrics of all roles, after a little of everything has happened, as texts for Prometheus.
pub(crate) async fn exposed_texts() -> Result<Option<[String; 2]>> {
    let Some(url) = Rabbit::virtual_host().await else { return Ok(None) };
    let env = TestEnv::servers().await?;
    let admin = |words: &[&str]| env.command(words).variable("BROKER_URL", &url).admin();
    let up = env.config().variable("BROKER_URL", &url).admin();
    let waybill = Waybill::start(&up).await?;
    waybill.gateway.create("/orders", r#"{"amount":5000}"#).await?;
    Ledger::settled(&waybill).await?;
    Peer::connect(&url).await?.send_to_queue("orders", b"no json").await?;
    let audit = Process::start(&admin(&["audit", "--every-s", "1"])).await?;
    let (own, of_audit) = (waybill.address("admin")?, audit.address("admin")?);
    let texts = eventually("metrics of everything", LIMIT, async || {
        let texts = [scrape_text(&own).await?, scrape_text(&of_audit).await?];
        let has = |begin: &str| texts.iter().any(|text| text.contains(&format!("\n{begin}")));
        let complete = has("waybill_audit_completed_seconds") && has("waybill_queue_messages");
        Ok((complete && has("waybill_outbox_events")).then_some(texts))
    })
    .await?;
    Ok(Some(texts))
}

async fn exposed() -> Result<Option<Exposed>> {
    let Some(texts) = exposed_texts().await? else { return Ok(None) };
    let all = series(&texts.concat())?;
    let label = Regex::new(r#"(\w+)="([^"]*)""#)?;
    let mut exposed = Exposed::new();
    for (metric, labels) in OF_KONG {
        let known = exposed.entry(metric.to_owned()).or_default();
        for (label, values) in labels {
            known
                .entry((*label).to_owned())
                .or_default()
                .extend(values.iter().map(|value| (*value).to_owned()));
        }
    }
    for each in all.keys() {
        let (name, labels) = each.split_once('{').unwrap_or((each, ""));
        let known = exposed.entry(name.to_owned()).or_default();
        for found in label.captures_iter(labels) {
            known.entry(found[1].to_owned()).or_default().insert(found[2].to_owned());
        }
    }
    Ok(Some(exposed))
}

/// Every expression of a dashboard, in place of its variables something that Prometheus would take.
fn collect(value: &Value, expressions: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            if let Some(expression) = members.get("expr").and_then(Value::as_str) {
                expressions.push(expression.replace("$__rate_interval", "1m").replace("$job", ".+"));
            }
            members.values().for_each(|member| collect(member, expressions));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, expressions)),
        _ => {}
    }
}

/// Whether every metric of an expression exists, with the labels that it is asked for.
fn check(expression: &str, exposed: &Exposed) -> Result<()> {
    let metric = Regex::new(r"\b((?:waybill|process|kong)_\w+)(?:\{([^}]*)\})?")?;
    let matcher = Regex::new(r#"(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)""#)?;
    let by = Regex::new(r"\bby \(([^)]*)\)")?;
    let mut labels: BTreeSet<&str> = BTreeSet::from(OF_PROMETHEUS);
    for found in metric.captures_iter(expression) {
        let (name, matchers) = (&found[1], found.get(2).map_or("", |it| it.as_str()));
        let known = exposed.get(name).with_context(|| format!("there is no metric {name}"))?;
        labels.extend(known.keys().map(String::as_str));
        for found in matcher.captures_iter(matchers) {
            let (label, operator, value) = (&found[1], &found[2], &found[3]);
            if OF_PROMETHEUS.contains(&label) {
                continue;
            }
            let values = known.get(label).with_context(|| format!("{name} has no label {label}"))?;
            ensure!(
                operator != "=" || values.contains(value),
                "{name} never has {label}=\"{value}\": {values:?}"
            );
        }
    }
    for found in by.captures_iter(expression) {
        for label in found[1].split(',').map(str::trim) {
            ensure!(labels.contains(label), "nothing here has a label {label}");
        }
    }
    Ok(())
}
