//! The tables of `docs/events.md`, made of the schemas and of `asyncapi.yaml`.
//!
//! `WAYBILL_WRITE_CONTRACTS=1 cargo test --package waybill-contracts` writes them anew, in its second run if the schemas have changed.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};
use waybill_contracts::{
    DEFAULT_CURRENCY, DEFAULT_SELLER_ID, INVOICE_EVENTS, MAX_AMOUNT, MIN_AMOUNT, SPEC_VERSION,
};

const PAGE: &str = "../docs/events.md";
const END: &str = "<!-- end of events -->\n";

#[test]
fn the_page_lists_every_event_with_its_members() -> Result<()> {
    let document: Value = serde_saphyr::from_str(&fs::read_to_string(path("asyncapi.yaml"))?)?;
    let mut text = fs::read_to_string(path(PAGE))?;
    for channel in ["orders", "webhooks"] {
        let messages = document["channels"][channel]["messages"].as_object().context("no messages")?;
        let begin = format!(
            "<!-- events of {channel}: made by WAYBILL_WRITE_CONTRACTS=1 cargo test --package waybill-contracts -->\n"
        );
        let (before, rest) = text.split_once(&begin).with_context(|| format!("the page has no {begin}"))?;
        let (_, after) = rest.split_once(END).context("the page has no end of its events")?;
        text = format!("{before}{begin}{}{END}{after}", events(messages)?);
    }
    if env::var_os("WAYBILL_WRITE_CONTRACTS").is_some() {
        return Ok(fs::write(path(PAGE), text)?);
    }
    ensure!(
        fs::read_to_string(path(PAGE))? == text,
        "docs/events.md is not what the schemas say; write it anew by \
         `WAYBILL_WRITE_CONTRACTS=1 cargo test --package waybill-contracts`"
    );
    Ok(())
}

/// A section for each event.
fn events(messages: &Map<String, Value>) -> Result<String> {
    let mut text = String::new();
    for (name, message) in messages {
        let file = format!("events/{name}.schema.json");
        let schema: Value = serde_json::from_str(&fs::read_to_string(path(&file))?)?;
        let summary = message["summary"].as_str().context("no summary")?;
        write!(text, "\n### {name}\n\n{summary} [Schema](../contracts/{file}).\n\n")?;
        text.push_str(&members(&schema)?);
        for (definition, of_it) in schema["$defs"].as_object().into_iter().flatten() {
            // An alias of another type has no members.
            if of_it["properties"].is_object() {
                write!(text, "\n`{definition}` of `{name}`:\n\n{}", members(of_it)?)?;
            }
        }
    }
    text.push('\n');
    Ok(text)
}

/// The members of an object, in a table.
fn members(schema: &Value) -> Result<String> {
    let mut text = "| Member | Type | Meaning |\n| --- | --- | --- |\n".to_owned();
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for (name, member) in schema["properties"].as_object().context("no members")? {
        let optional = if required.contains(&name.as_str().into()) { "" } else { ", optional" };
        let meaning = member["description"].as_str().unwrap_or_default();
        let meaning = meaning.split_whitespace().collect::<Vec<_>>().join(" ");
        let meaning = with_values(&meaning).replace('|', "\\|");
        writeln!(text, "| `{name}` | {}{optional} | {meaning} |", kind(member))?;
    }
    Ok(text)
}

/// A description with the values of constants in the place of links to them.
fn with_values(text: &str) -> String {
    let events = INVOICE_EVENTS.map(|it| format!("`{it}`")).join(", ");
    let constants = [
        ("MIN_AMOUNT", format!("{MIN_AMOUNT}")),
        ("MAX_AMOUNT", format!("{MAX_AMOUNT}")),
        ("DEFAULT_CURRENCY", format!("`{DEFAULT_CURRENCY}`")),
        ("DEFAULT_SELLER_ID", format!("`{DEFAULT_SELLER_ID}`")),
        ("SPEC_VERSION", format!("`{SPEC_VERSION}`")),
        ("INVOICE_EVENTS", events),
    ];
    constants.iter().fold(text.to_owned(), |text, (name, value)| {
        let link = format!("[`{name}`]");
        text.replace(&format!("{link}(crate::{name})"), value).replace(&link, value)
    })
}

/// The type of a member, in words.
fn kind(member: &Value) -> String {
    let named = |schema: &Value| {
        schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()).map(|name| format!("`{name}`"))
    };
    if let Some(name) = named(member) {
        return name;
    }
    if let Some(schemas) = member["anyOf"].as_array().or(member["oneOf"].as_array()) {
        let kinds = schemas.iter().map(kind).filter(|it| it != "null");
        return kinds.collect::<Vec<_>>().join(" or ");
    }
    if member["type"] == "array" {
        return format!("list of {}", kind(&member["items"]));
    }
    let kinds: Vec<&str> = match &member["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).filter(|it| *it != "null").collect(),
        kind => kind.as_str().into_iter().collect(),
    };
    match member["format"].as_str() {
        Some("uuid") => "UUID".to_owned(),
        _ => kinds.join(" or "),
    }
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}
