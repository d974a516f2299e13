//! `waybill keys`: creates, lists and revokes API keys.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::{Context as _, anyhow, bail, ensure};
use serde_json::json;
use waybill_contracts::Scope;

use crate::access::{ApiKey, ApiKeys, KeyId, ListedKey, is_scope_of};
use crate::databases::{self, Databases};
use crate::output;
use crate::process::Process;
use crate::settings::{ComponentName, CreateKeySettings, DatabaseSettings, KeysSettings, LogSettings};

const SERVICES: [ComponentName; 2] = [ComponentName::Orders, ComponentName::Invoices];

/// Runs `waybill keys`.
pub async fn run(settings: KeysSettings, logs: &LogSettings) -> anyhow::Result<()> {
    let mut process = Process::start("waybill", logs)?;
    let done = match settings {
        KeysSettings::Create(settings) => create(&mut process, &settings).await,
        KeysSettings::List { databases, json } => list(&mut process, &databases, json).await,
        KeysSettings::Revoke { id, databases } => revoke(&mut process, id.expose(), &databases).await,
    };
    process.end().await;
    done
}

async fn create(process: &mut Process, settings: &CreateKeySettings) -> anyhow::Result<()> {
    ensure!(
        !settings.scopes.is_empty(),
        "--scope is missing: set what the key may do, for example --scope orders:write; all scopes are {}",
        Scope::ALL.map(Scope::as_str).join(", ")
    );
    let key = ApiKey::generate().context("the operating system provides no random bytes")?;
    // All databases are opened before any is written to, since most faults show here.
    let mut places = Vec::new();
    for service in SERVICES {
        let scopes = scopes_of(service, &settings.scopes);
        if !scopes.is_empty() {
            places.push((service, open(process, service, &settings.databases).await?, scopes));
        }
    }
    for (service, keys, scopes) in &places {
        keys.insert(&key, &settings.name, scopes, settings.expires_in).await.with_context(|| {
            format!(
                "the key could not be stored in the {} database and is not shown; remove it from the other database by: \
                 waybill keys revoke {}",
                service.as_str(),
                key.id()
            )
        })?;
    }
    // Only the key goes to standard output, for KEY=$(waybill keys create …). The command must not end quietly if it could not
    // print the key.
    output::line(key.expose()).map_err(|error| {
        anyhow!(
            "the key could not be printed and cannot be shown again ({error}); revoke it by: waybill keys revoke {}",
            key.id()
        )
    })?;
    let mut scopes = settings.scopes.clone();
    scopes.sort_unstable();
    scopes.dedup();
    let scopes = scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(", ");
    output::remark(format_args!(
        "The key {} ({}) has the scopes {scopes}. It is shown only once: store it now.",
        key.id(),
        settings.name
    ));
    Ok(())
}

/// The scopes of one service, without duplicates.
fn scopes_of(service: ComponentName, scopes: &[Scope]) -> Vec<Scope> {
    let mut own: Vec<_> = scopes.iter().copied().filter(|scope| is_scope_of(service, *scope)).collect();
    own.sort_unstable();
    own.dedup();
    own
}

async fn list(process: &mut Process, settings: &DatabaseSettings, json: bool) -> anyhow::Result<()> {
    // A key of both services is one line, unless its two rows differ.
    let mut all: BTreeMap<_, ListedKey> = BTreeMap::new();
    for service in existing(settings)? {
        for key in open(process, service, settings).await?.list().await? {
            let same = (key.id.clone(), key.state.clone());
            match all.entry(same) {
                Entry::Vacant(entry) => {
                    entry.insert(key);
                }
                Entry::Occupied(mut entry) => entry.get_mut().scopes.extend(key.scopes),
            }
        }
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.sort_by(|one, other| other.created_at.cmp(&one.created_at));
    for key in &all {
        if json { output::line(document(key))? } else { output::line(line(key))? }
    }
    if all.is_empty() && !json {
        output::line("There are no API keys. Next: waybill keys create --name shop --scope orders:write")?;
    }
    Ok(())
}

async fn revoke(process: &mut Process, given: &str, settings: &DatabaseSettings) -> anyhow::Result<()> {
    let Some(id) = KeyId::of(given) else {
        // The text is not shown: it may be a mistyped key.
        bail!(
            "the argument is not the identifier of a key; an example is 0123456789ab, and waybill keys list shows all"
        );
    };
    let (mut name, mut failures) = (None, Vec::new());
    for service in existing(settings)? {
        // If one database is unavailable, the key is still revoked in the other.
        match revoke_in(process, service, &id, settings).await {
            Ok(found) => name = name.or(found),
            Err(error) => failures.push(format!("{}: {error:#}", service.as_str())),
        }
    }
    if !failures.is_empty() {
        bail!("the key {id} may still be valid; run this again: {}", failures.join("; "));
    }
    let name = name.with_context(|| format!("there is no API key {id}; waybill keys list shows all"))?;
    output::notice(format_args!("{id} ({name}) is revoked; running processes refuse it within 5 s"));
    Ok(())
}

async fn revoke_in(
    process: &mut Process,
    service: ComponentName,
    id: &KeyId,
    settings: &DatabaseSettings,
) -> anyhow::Result<Option<String>> {
    Ok(open(process, service, settings).await?.revoke(id).await?)
}

async fn open(
    process: &mut Process,
    service: ComponentName,
    settings: &DatabaseSettings,
) -> anyhow::Result<ApiKeys> {
    let databases = Databases::join(settings, &[service]).await?;
    process.keep_local_postgres(databases.local());
    let database = databases.open_to_change(service).await?;
    process.keep_database(service.as_str(), &database);
    Ok(ApiKeys::new(database))
}

/// The services whose databases exist. Skipping one is reported, since its keys are neither listed nor revoked.
fn existing(settings: &DatabaseSettings) -> anyhow::Result<Vec<ComponentName>> {
    let (there, missing): (Vec<_>, Vec<_>) =
        SERVICES.into_iter().partition(|service| databases::exists(*service, settings));
    let folder = settings.data.display();
    ensure!(
        !there.is_empty(),
        databases::missing("database", "ORDERS_DATABASE_URL and INVOICES_DATABASE_URL", settings)
    );
    for service in missing {
        let (name, setting) = (service.as_str(), databases::setting(service));
        output::remark(format_args!(
            "The keys of {name} are skipped: {setting} is not set, and {folder} has no such database."
        ));
    }
    Ok(there)
}

fn line(key: &ListedKey) -> String {
    let ListedKey { id, name, created_at, state, .. } = key;
    let end = match (state.as_str(), &key.revoked_at, &key.expires_at) {
        ("revoked", Some(time), _) => format!("revoked {time}"),
        ("expired", _, Some(time)) => format!("expired {time}"),
        (_, _, Some(time)) => format!("valid until {time}"),
        _ => "valid".to_owned(),
    };
    format!("{id}  {name}  {}  created {created_at}  {end}", key.scopes.join(","))
}

fn document(key: &ListedKey) -> serde_json::Value {
    json!({
        "id": key.id,
        "name": key.name,
        "scopes": key.scopes,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
        "state": key.state,
    })
}
