//! `waybill keys`, and what the tests of access share.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hyper::Method;
use serde_json::Value;
use waybill_tests::{Answer, Ended, Http, Postgres, Waybill, WaybillConfig, ensure_contains, eventually};

use crate::TestEnv;

/// An address that others than this machine could reach.
pub(crate) const BEYOND: &str = "0.0.0.0:0";

pub(crate) const ORDER: &str = r#"{"amount":5000}"#;

/// How long a line of the log may take.
const LOG_LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_bad_setting_is_refused_with_its_name_and_an_example() -> Result<()> {
    let env = TestEnv::local()?;
    for (words, named) in [
        (&["--name", "shop"][..], ["--scope", "orders:write"]),
        (&["--name", "shop", "--scope", "orders"], ["--scope", "orders:write"]),
        (&["--name", "shop", "--scope", "orders:write,*"], ["--scope", "orders:write"]),
        (&["--name", "", "--scope", "orders:write"], ["--name", "shop"]),
        (&["--name", "shop", "--scope", "orders:write", "--expires-in", "soon"], ["--expires-in", "90d"]),
    ] {
        let ended = Waybill::run(&env.command(&[&["keys", "create"], words].concat())).await?;
        refused(&ended, &named).with_context(|| format!("{words:?}"))?;
    }
    let ended = Waybill::run(&env.command(&["up", "--key-check", "maybe"])).await?;
    refused(&ended, &["--key-check", "required"])?;
    ensure!(!env.folder.path().join("data").exists(), "nothing was made");
    Ok(())
}

#[tokio::test]
async fn a_key_needs_the_databases_of_its_scopes_only() -> Result<()> {
    let postgres = Postgres::start_migrated().await?;
    let env = TestEnv::local()?;
    let keys = |words: &[&str]| {
        let config = WaybillConfig::command([&["keys"], words].concat(), env.folder.path());
        config.variable("ORDERS_DATABASE_URL", postgres.url("orders"))
    };
    let create =
        ["create", "--name", "shop", "--scope", "orders:write", "--scope", "orders:read,orders:write"];
    let ended = Waybill::run(&keys(&create)).await?;
    let key = ended.succeeded()?.trim().to_owned();
    ensure!(ended.stdout.lines().count() == 1 && key.starts_with("wbk_"), "the key alone: {}", ended.stdout);
    ensure!(ended.stderr.contains("shop") && ended.stderr.contains(id(&key)), "{}", ended.stderr);
    ensure!(!env.folder.path().join(".waybill").exists(), "no embedded database was made");

    // What is passed over is said.
    let ended = Waybill::run(&keys(&["list", "--json"])).await?;
    ensure!(ended.stderr.contains("INVOICES_DATABASE_URL"), "{}", ended.stderr);
    let listed: Value = serde_json::from_str(ended.succeeded()?)?;
    ensure!(listed["id"] == id(&key) && listed["state"] == "valid" && listed["name"] == "shop", "{listed}");
    ensure!(listed["scopes"] == serde_json::json!(["orders:read", "orders:write"]), "{listed}");
    Ok(())
}

#[tokio::test]
async fn a_key_is_revoked_in_available_databases_and_unavailable_ones_are_reported() -> Result<()> {
    let mut env = TestEnv::servers().await?;
    Waybill::run(&env.command(&["migrate"])).await?.succeeded()?;
    let key = create(&env, &["orders:write", "invoices:read"]).await?;
    let postgres = env.postgres_mut()?;
    let nowhere = postgres.url("nothing");
    let revoke = env.command(&["keys", "revoke", &key]);
    let ended = Waybill::run(&revoke.clone().variable("INVOICES_DATABASE_URL", nowhere)).await?;
    refused(&ended, &["may still be valid", "invoices"])?;
    ensure!(!ended.stderr.contains(secret(&key)), "{}", ended.stderr);
    let listed = Waybill::run(&env.command(&["keys", "list"])).await?;
    let states: Vec<_> = listed.succeeded()?.lines().filter(|line| line.contains(id(&key))).collect();
    ensure!(states.len() == 2 && states.iter().any(|line| line.contains("revoked")), "{states:?}");

    // The whole key is understood, and so is another time.
    for _ in 0..2 {
        Waybill::run(&revoke).await?.succeeded()?;
    }
    let ended = Waybill::run(&env.command(&["keys", "revoke", "0123456789ab"])).await?;
    refused(&ended, &["there is no API key 0123456789ab", "waybill keys list"])?;
    let ended = Waybill::run(&env.command(&["keys", "revoke", &format!("x{key}")])).await?;
    refused(&ended, &["0123456789ab"])?;
    ensure!(!ended.stderr.contains(secret(&key)), "{}", ended.stderr);
    Ok(())
}

#[tokio::test]
async fn the_database_has_no_key_in_it() -> Result<()> {
    let env = TestEnv::servers().await?;
    Waybill::run(&env.command(&["migrate"])).await?.succeeded()?;
    let key = create(&env, &["orders:write"]).await?;
    let postgres = env.postgres()?;
    let row = postgres.client("orders").await?;
    let row = row.query_one("SELECT api_keys::text FROM api_keys WHERE id = $1", &[&id(&key)]).await?;
    let text: String = row.try_get(0)?;
    ensure!(!text.contains(secret(&key)), "{text}");
    ensure!(
        postgres.number("invoices", "SELECT count(*) FROM api_keys").await? == 0,
        "the invoices database has no copy"
    );
    Ok(())
}

/// Places an order, with or without a key.
pub(crate) async fn order(entry: &Http, key: Option<&str>) -> Result<Answer> {
    let bearer = key.map(|key| format!("Bearer {key}"));
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    entry.send(Method::POST, "/orders", &headers, ORDER).await
}

pub(crate) async fn get(entry: &Http, path: &str, key: &str) -> Result<Answer> {
    entry.send(Method::GET, path, &[("authorization", &format!("Bearer {key}"))], "").await
}

/// Makes a key of these scopes.
pub(crate) async fn create(env: &TestEnv, scopes: &[&str]) -> Result<String> {
    let scopes = scopes.join(",");
    let command = env.command(&["keys", "create", "--name", "a test", "--scope", &scopes]);
    Ok(Waybill::run(&command).await?.succeeded()?.trim().to_owned())
}

/// It ended with one sentence that has these words in it.
pub(crate) fn refused(ended: &Ended, words: &[&str]) -> Result<()> {
    ensure!(!ended.status.success() && ended.stdout.is_empty(), "{}: {}", ended.status, ended.stdout);
    ensure_contains(&ended.stderr, words)
}

pub(crate) async fn said(waybill: &Waybill, words: &str) -> Result<()> {
    eventually(words, LOG_LIMIT, async || Ok(waybill.log().contains(words).then_some(()))).await
}

pub(crate) fn id(key: &str) -> &str {
    key.split('_').nth(1).unwrap_or_default()
}

pub(crate) fn secret(key: &str) -> &str {
    key.split('_').nth(2).unwrap_or_default()
}

/// The same key with another secret.
pub(crate) fn wrong_secret(key: &str) -> String {
    format!("wbk_{}_{}", id(key), secret(key).chars().rev().collect::<String>())
}

/// The same secret under an identifier that there is not.
pub(crate) fn wrong_id(key: &str) -> String {
    format!("wbk_{}_{}", id(key).chars().rev().collect::<String>(), secret(key))
}
