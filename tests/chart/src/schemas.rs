use std::env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Whether the schemas are there, and what reads them.
#[must_use]
pub fn are_schemas_there() -> bool {
    python().is_some_and(|program| program.exists())
}

/// What the schemas of a version of Kubernetes refuse in these manifests.
pub fn faults(manifests: &[Value], version: &str) -> Result<Vec<String>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/validate.py");
    let mut child = Command::new(python().context("the schemas are not installed")?)
        .args([script, version])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("Python could not be started")?;
    let mut input = child.stdin.take().context("no standard input")?;
    for manifest in manifests {
        writeln!(input, "{manifest}")?;
    }
    drop(input);
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "the schemas could not be read");
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}

fn python() -> Option<PathBuf> {
    Some(PathBuf::from(env::var_os("WAYBILL_CHART_CHECKS")?).join("bin/python"))
}
