//! Programs that were written for the last release read the events of this version, and this version reads those of the last release.
//!
//! `released/` has the schemas of the last release; docs/building.md says when they are replaced.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use json_schema_diff::{Change, ChangeKind, diff};
use serde_json::{Value, json};
use waybill_contracts::{INVOICE_CREDITED, INVOICE_ISSUED, INVOICE_PAID};

/// Only sent, and never read: a member that is always there from now on surprises nobody.
const ONLY_SENT: [&str; 3] = [INVOICE_ISSUED, INVOICE_PAID, INVOICE_CREDITED];

#[test]
fn events_differ_from_the_last_releases_by_new_members_only() -> Result<()> {
    let mut compared = 0;
    for entry in fs::read_dir(last_release()?)? {
        let released = entry?.path();
        let name = released.file_name().and_then(|name| name.to_str()).context("a file without a name")?;
        let now = folder().join("events").join(name);
        let event = name.strip_suffix(".schema.json").context("a file that is no schema")?;
        let changes =
            breaking(event, read(&released)?, read(&now).context("an event that is no longer sent")?)?;
        ensure!(changes.is_empty(), "{event} breaks those who know the last release's: {changes:#?}");
        compared += 1;
    }
    ensure!(compared >= 6, "{compared} schemas of the last release");
    Ok(())
}

#[test]
fn a_changed_or_removed_member_is_found_and_a_new_one_is_not() -> Result<()> {
    let released = read(&last_release()?.join("order.created.schema.json"))?;
    let changed = |change: &dyn Fn(&mut Value)| -> Result<bool> {
        let mut now = released.clone();
        change(&mut now);
        ensure!(now != released, "the schema is the same");
        Ok(!breaking("order.created", released.clone(), now)?.is_empty())
    };
    let text = || json!({ "type": "string" });
    ensure!(!changed(&|now| now["properties"]["hue"] = text())?, "a new member");
    ensure!(!changed(&|now| now["$defs"]["Customer"]["properties"]["hue"] = text())?, "a new inner member");
    ensure!(changed(&|now| now["properties"]["amount"] = text())?, "an amount as text");
    ensure!(
        changed(&|now| now["properties"]["amount"]["type"] = json!(["integer", "null"]))?,
        "a null amount"
    );
    ensure!(changed(&|now| drop(members(now, "properties").remove("currency")))?, "no currency");
    ensure!(changed(&|now| now["required"] = json!([]))?, "a missing amount");
    ensure!(
        changed(&|now| now["required"] = json!(["amount", "orderId", "customer", "currency"]))?,
        "a duty"
    );
    Ok(())
}

fn members<'a>(schema: &'a mut Value, name: &str) -> &'a mut serde_json::Map<String, Value> {
    schema[name].as_object_mut().expect("a schema of an object")
}

/// What either side would not understand.
fn breaking(event: &str, released: Value, now: Value) -> Result<Vec<Change>> {
    let is_only_sent = ONLY_SENT.contains(&event);
    let mut changes = diff(released, now).with_context(|| event.to_owned())?;
    changes.retain(|change| match change.change {
        ChangeKind::PropertyAdd { .. } => false,
        ChangeKind::RequiredAdd { .. } => !is_only_sent,
        _ => true,
    });
    Ok(changes)
}

fn last_release() -> Result<PathBuf> {
    let releases = fs::read_dir(folder().join("released"))?.collect::<Result<Vec<_>, _>>()?;
    ensure!(releases.len() == 1, "one release in released/, not {}", releases.len());
    Ok(releases[0].path())
}

fn read(path: &Path) -> Result<Value> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    serde_json::from_str(&text).with_context(|| path.display().to_string())
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
