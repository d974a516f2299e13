//! JSON patches (RFC 6902) of a kustomization, as far as ours need them.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Applies those patches of a kustomization that are meant for this document.
pub fn patch(document: &mut Value, kustomization: &Value) -> Result<()> {
    for patch in kustomization["patches"].as_array().context("no patches")? {
        let target = &patch["target"];
        let name = &target["name"];
        if target["kind"] != document["kind"] || !name.is_null() && *name != document["metadata"]["name"] {
            continue;
        }
        let operations: Vec<Value> = serde_saphyr::from_str(patch["patch"].as_str().context("no text")?)?;
        for operation in operations {
            apply(document, operation)?;
        }
    }
    Ok(())
}

fn apply(document: &mut Value, mut operation: Value) -> Result<()> {
    let path = operation["path"].as_str().context("an operation without a path")?.to_owned();
    let (parent, member) = path.rsplit_once('/').context("a path from the root")?;
    let parent = document.pointer_mut(parent).with_context(|| format!("nothing is at {parent}"))?;
    let members = parent.as_object_mut().with_context(|| format!("no object is above {path}"))?;
    let is_there = members.contains_key(member);
    match (operation["op"].as_str(), is_there) {
        (Some("add"), _) | (Some("replace"), true) => {
            members.insert(member.to_owned(), operation["value"].take());
            Ok(())
        }
        _ => bail!("{operation} cannot be applied"),
    }
}
