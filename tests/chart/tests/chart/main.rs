//! The Helm chart: Helm takes it, Kubernetes takes what it renders, the rules hold, and each mistake is found.

mod documents;
mod mistakes;
mod values;

use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde_json::Value;
use waybill_chart_tests::{
    Chart, are_schemas_there, components, is_helm_there, project, rules, schema_faults,
};
use waybill_tests::skip;

/// The oldest version of Kubernetes that the chart is for, and the newest whose schemas there are.
const KUBERNETES: [&str; 2] = ["1.27.0", "1.37.0"];

/// The files of values that the chart is rendered with; `None` is its own.
fn all_values() -> [Option<PathBuf>; 3] {
    [None, Some("full"), Some("without-rabbitmq")].map(|name| name.map(values))
}

fn values(name: &str) -> PathBuf {
    project().join(format!("tests/chart/values/{name}.yaml"))
}

/// Whether the test has to be skipped.
fn lacks_helm() -> bool {
    let lacks = !is_helm_there();
    if lacks {
        skip("helm is not installed (HELM_BIN, or the PATH)");
    }
    lacks
}

/// The same for a test that needs Kubernetes' schemas too.
fn lacks_schemas() -> bool {
    let lacks = !are_schemas_there();
    if lacks {
        skip("Kubernetes' schemas are not installed (WAYBILL_CHART_CHECKS)");
    }
    lacks || lacks_helm()
}

#[test]
fn helm_finds_nothing_wrong() -> Result<()> {
    if lacks_helm() {
        return Ok(());
    }
    all_values().iter().try_for_each(|values| Chart::ours().lint(values.as_deref()))
}

#[test]
fn kubernetes_takes_every_manifest() -> Result<()> {
    if lacks_schemas() {
        return Ok(());
    }
    for values in all_values() {
        let mut manifests = Chart::ours().render(values.as_deref())?;
        // The Prometheus operator's own kind, which the rules look at.
        manifests.retain(|manifest| manifest["kind"] != "ServiceMonitor");
        for version in KUBERNETES {
            let faults = schema_faults(&manifests, version)?;
            ensure!(faults.is_empty(), "{values:?}, Kubernetes {version}: {faults:#?}");
        }
    }
    Ok(())
}

#[test]
fn the_schemas_refuse_what_kubernetes_would_drop() -> Result<()> {
    if lacks_schemas() {
        return Ok(());
    }
    let mut manifests = Chart::ours().render(None)?;
    let deployment = manifests.iter_mut().find(|manifest| manifest["kind"] == "Deployment");
    let Some(deployment) = deployment else { anyhow::bail!("no Deployment") };
    deployment["spec"]["strategy"]["maxsurge"] = Value::from(1);
    let faults = schema_faults(&manifests, KUBERNETES[1])?;
    ensure!(matches!(&faults[..], [fault] if fault.contains("maxsurge")), "{faults:#?}");
    Ok(())
}

#[test]
fn the_rules_hold_of_every_manifest() -> Result<()> {
    if lacks_helm() {
        return Ok(());
    }
    for values in all_values() {
        let faults = rules::faults(&Chart::ours().render(values.as_deref())?)?;
        ensure!(faults.is_empty(), "{values:?}: {faults:#?}");
    }
    Ok(())
}

#[test]
fn each_role_runs_where_it_is_wanted() -> Result<()> {
    if lacks_helm() {
        return Ok(());
    }
    let all = ["audit", "gateway", "invoices", "migrate", "orders", "relay", "webhooks"];
    let least = ["audit", "invoices", "migrate", "orders", "relay"];
    for (values, expected) in all_values().iter().zip([&all[..], &all[..], &least[..]]) {
        let manifests = Chart::ours().render(values.as_deref())?;
        ensure!(components(&manifests) == expected, "{values:?}: {:?}", components(&manifests));
    }
    Ok(())
}
