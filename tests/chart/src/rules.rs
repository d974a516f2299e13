//! What must hold of every manifest, whatever the values.

mod network;
mod probes;
mod protections;
mod references;
mod settings;

use anyhow::Result;
use serde_json::Value;

/// What is wrong with these manifests, in a sentence each.
pub fn faults(manifests: &[Value]) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    protections::check(manifests, &mut faults);
    probes::check(manifests, &mut faults)?;
    settings::check(manifests, &mut faults)?;
    references::check(manifests, &mut faults);
    network::check(manifests, &mut faults);
    Ok(faults)
}
