//! What documents and other files say of the chart.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use waybill_chart_tests::{Chart, project};

use crate::{lacks_helm, values};

fn yaml(text: &str) -> Result<Vec<Value>> {
    Ok(serde_saphyr::from_multiple(text)?)
}

/// Words such as `service/waybill-gateway` that a text has of this release.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split(|it: char| !(it.is_ascii_alphanumeric() || matches!(it, '/' | '-')));
    let of_release = |word: &&str| {
        word.split_once('/').is_some_and(|(kind, name)| {
            ["deployment", "service", "job"].contains(&kind) && name.starts_with("waybill-")
        })
    };
    words.filter(of_release).map(str::to_owned).collect()
}

#[test]
fn the_version_is_the_programs() -> Result<()> {
    let [chart] = yaml(&Chart::ours().text("Chart.yaml")?)?.try_into().ok().context("one document")?;
    ensure!(chart["appVersion"] == env!("CARGO_PKG_VERSION"), "{chart}");
    Ok(())
}

#[test]
fn commands_name_what_is_rendered() -> Result<()> {
    if lacks_helm() {
        return Ok(());
    }
    let manifests = Chart::ours().render(None)?;
    let rendered: BTreeSet<String> = manifests
        .iter()
        .filter_map(|it| Some((it["kind"].as_str()?.to_lowercase(), it["metadata"]["name"].as_str()?)))
        .map(|(kind, name)| format!("{kind}/{name}"))
        .collect();
    let notes = Chart::ours().notes(None)?;
    let page = fs::read_to_string(project().join("docs/kubernetes.md"))?;
    let readme = Chart::ours().text("README.md")?;
    for (text, name) in [(&notes, "NOTES.txt"), (&page, "docs/kubernetes.md"), (&readme, "README.md")] {
        let missing: Vec<_> = named(text).difference(&rendered).cloned().collect();
        ensure!(missing.is_empty(), "{name} names {missing:?}");
        ensure!(text.contains("port-forward service/waybill-gateway 8000:8000"), "{name}: no port-forward");
    }
    // Two commands of the page are those that an installation shows.
    let commands = notes.lines().filter(|line| line.starts_with("  ")).map(str::trim);
    let curls: Vec<_> = commands.filter(|line| line.starts_with("curl ")).collect();
    ensure!(!curls.is_empty() && curls.iter().all(|line| page.contains(line)), "{curls:#?}");
    Ok(())
}

#[test]
fn notes_say_only_what_these_values_allow() -> Result<()> {
    if lacks_helm() {
        return Ok(());
    }
    let notes = Chart::ours().notes(Some(&values("without-rabbitmq")))?;
    ensure!(!notes.contains("waybill-gateway") && notes.contains("waybill-orders:3333"), "{notes}");
    Ok(())
}

#[test]
fn the_operators_make_the_secrets_that_the_chart_names() -> Result<()> {
    let [values] = yaml(&Chart::ours().text("values.yaml")?)?.try_into().ok().context("one document")?;
    let clusters = yaml(&fs::read_to_string(project().join("deploy/helm/clusters.yaml"))?)?;
    let names = |kind: &str| -> BTreeSet<&str> {
        let of_kind = clusters.iter().filter(|cluster| cluster["kind"] == kind);
        of_kind.filter_map(|cluster| cluster["metadata"]["name"].as_str()).collect()
    };
    let wanted = |name: &str| values["databases"][name]["secret"].as_str().unwrap_or_default();
    let databases = names("Cluster").into_iter().map(|name| format!("{name}-app")).collect::<BTreeSet<_>>();
    ensure!(databases == ["orders", "invoices"].map(wanted).map(str::to_owned).into(), "{databases:?}");
    let [broker] = names("RabbitmqCluster").into_iter().collect::<Vec<_>>().try_into().ok().context("one")?;
    ensure!(values["broker"]["secret"] == format!("{broker}-default-user").as_str(), "{broker}");
    ensure!(values["broker"]["managementUrl"] == format!("http://{broker}:15672").as_str(), "{broker}");
    Ok(())
}
