//! The table of `docs/metrics.md`, made of what the program exposes.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use regex::Regex;

use crate::alerts::exposed_texts;

const PAGE: &str = "../docs/metrics.md";
const BEGIN: &str = "<!-- metrics: made by WAYBILL_WRITE_DOCS=1 cargo xtask test metrics_page -->\n";
const END: &str = "<!-- end of metrics -->\n";

#[derive(Default)]
struct Metric {
    kind: String,
    help: String,
    labels: BTreeSet<String>,
}

#[tokio::test]
async fn the_page_lists_every_metric() -> Result<()> {
    let Some(texts) = exposed_texts().await? else { return Ok(()) };
    let table = table(&metrics(&texts.concat())?)?;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    let page = fs::read_to_string(&file)?;
    let (before, rest) = page.split_once(BEGIN).context("the page has no begin of the table")?;
    let (present, after) = rest.split_once(END).context("the page has no end of the table")?;
    if std::env::var_os("WAYBILL_WRITE_DOCS").is_some() {
        return Ok(fs::write(&file, format!("{before}{BEGIN}{table}{END}{after}"))?);
    }
    ensure!(
        present == table,
        "metrics have changed: run WAYBILL_WRITE_DOCS=1 cargo xtask test metrics_page. They are\n{table}"
    );
    Ok(())
}

/// Every metric of a text for Prometheus.
fn metrics(text: &str) -> Result<BTreeMap<String, Metric>> {
    let label = Regex::new(r#"(\w+)="[^"]*""#)?;
    let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|it| it.split_once(' ')) {
            help.clone_into(&mut metrics.entry(name.to_owned()).or_default().help);
        } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|it| it.split_once(' ')) {
            kind.clone_into(&mut metrics.entry(name.to_owned()).or_default().kind);
        } else if let Some((series, _)) = line.rsplit_once(' ') {
            let (name, labels) = series.split_once('{').unwrap_or((series, ""));
            // A histogram has series with these endings.
            let base = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
            let name = base.filter(|it| metrics.contains_key(*it)).unwrap_or(name);
            let metric = metrics.get_mut(name).with_context(|| format!("{name} has no type"))?;
            let labels = label.captures_iter(labels).map(|found| found[1].to_owned());
            metric.labels.extend(labels.filter(|it| it != "le"));
        }
    }
    Ok(metrics)
}

fn table(metrics: &BTreeMap<String, Metric>) -> Result<String> {
    let mut text = "| Metric | Type | Labels | Meaning |\n| --- | --- | --- | --- |\n".to_owned();
    for (name, Metric { kind, help, labels }) in metrics {
        ensure!(!help.is_empty(), "{name} has no description");
        let labels: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
        writeln!(text, "| `{name}` | {kind} | {} | {} |", labels.join(", "), help.replace('|', "\\|"))?;
    }
    Ok(text)
}

#[test]
fn a_histogram_is_one_metric() -> Result<()> {
    let text = "# HELP a_seconds How long\n# TYPE a_seconds histogram\na_seconds_bucket{way=\"x\",le=\"1\"} 1\na_seconds_sum{way=\"x\"} 1\n";
    let expected = "| `a_seconds` | histogram | `way` | How long |\n";
    let table = table(&metrics(text)?)?;
    ensure!(table.ends_with(expected) && table.lines().count() == 3, "{table}");
    Ok(())
}
