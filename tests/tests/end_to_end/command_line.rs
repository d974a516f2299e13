//! What a person does from a terminal: look whether all is there, place orders, save invoices.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};
use waybill_tests::{Ended, Rabbit, Waybill, WaybillConfig, ensure_contains};

use crate::access_keys::{BEYOND, create, refused};
use crate::{TestEnv, on_both_databases};

/// A command that asks the gateway of a running `waybill`.
async fn ask(env: &TestEnv, waybill: &Waybill, words: &[&str]) -> Result<Ended> {
    Waybill::run(&asking(env, waybill, words)).await
}

fn asking(env: &TestEnv, waybill: &Waybill, words: &[&str]) -> WaybillConfig {
    env.command(words).variable("WAYBILL_URL", format!("http://{}", waybill.gateway.authority()))
}

#[tokio::test]
async fn an_order_is_placed_and_its_invoice_saved() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let place = ["orders", "place", "--amount", "5000", "--idempotency-key", "first"];
    let placed: Value = serde_json::from_str(ask(&env, &waybill, &place).await?.succeeded()?)?;
    ensure!(placed["amount"] == 5000, "{placed}");
    let again: Value = serde_json::from_str(ask(&env, &waybill, &place).await?.succeeded()?)?;
    ensure!(again == placed, "the same key is the same order: {again}");
    let id = placed["id"].as_str().context("an order without an id")?;

    let file = env.folder.path().join("order.json");
    std::fs::write(&file, json!({"amount": 7}).to_string())?;
    let path = file.display().to_string();
    ask(&env, &waybill, &["orders", "place", &path]).await?.succeeded()?;
    let listed = ask(&env, &waybill, &["orders", "list"]).await?;
    let amounts: Vec<Value> = listed
        .succeeded()?
        .lines()
        .map(|line| Ok(serde_json::from_str::<Value>(line)?["amount"].clone()))
        .collect::<Result<_>>()?;
    ensure!(amounts == [7, 5000], "newest first: {amounts:?}");
    let latest = ask(&env, &waybill, &["orders", "list", "--limit", "1"]).await?;
    ensure!(latest.succeeded()?.lines().count() == 1, "{}", latest.stdout);
    let shown = ask(&env, &waybill, &["orders", "show", id]).await?;
    ensure!(serde_json::from_str::<Value>(shown.succeeded()?)? == placed, "{}", shown.stdout);

    let invoice = waybill.invoices.invoice_of(id).await?;
    let invoice_id = invoice["id"].as_str().context("an invoice without an id")?;
    let listed = ask(&env, &waybill, &["invoices", "list", "--order", id]).await?;
    ensure!(listed.succeeded()?.contains(invoice_id), "{}", listed.stdout);
    let shown = ask(&env, &waybill, &["invoices", "show", invoice_id]).await?;
    ensure!(serde_json::from_str::<Value>(shown.succeeded()?)? == invoice, "{}", shown.stdout);
    let number = invoice["number"].as_str().context("an invoice without a number")?;
    for (format, name, beginning) in [
        ("pdf", format!("{number}.pdf"), "%pdf-1.7"),
        // The service does not name pages.
        ("html", format!("{invoice_id}.html"), "<!doctype html>"),
        ("cii", format!("{number}.xml"), "<?xml"),
    ] {
        let saved = ask(&env, &waybill, &["invoices", "save", invoice_id, "--as", format]).await?;
        ensure!(saved.succeeded()?.trim() == name, "{}", saved.stdout);
        let bytes = std::fs::read(env.folder.path().join(&name)).with_context(|| name.clone())?;
        let text = String::from_utf8_lossy(&bytes[..bytes.len().min(64)]).to_lowercase();
        ensure!(text.starts_with(beginning), "{name}: {text}");
    }
    Ok(())
}

#[tokio::test]
async fn a_refused_order_is_explained_by_its_fields_and_an_address_where_nothing_answers_by_what_to_do()
-> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    refused(&ask(&env, &waybill, &["orders", "place", "--amount", "-1"]).await?, &["amount must be"])?;
    let unknown = ["orders", "show", "01890a5d-ac96-774b-bcce-b302099a8057"];
    let ended = ask(&env, &waybill, &unknown).await?;
    refused(&ended, &["There is no order 01890a5d-ac96-774b-bcce-b302099a8057."])?;
    let last = ended.stderr.trim_end().lines().last().unwrap_or_default();
    ensure!(
        last.starts_with("See: https://") && last.ends_with("errors.md#404-not-found"),
        "{}",
        ended.stderr
    );
    // The orders service has no invoices.
    let elsewhere = format!("http://{}", waybill.orders.authority());
    let listed = Waybill::run(&env.command(&["invoices", "list", "--url", &elsewhere])).await?;
    refused(&listed, &["nothing at this address", &format!("{elsewhere}/invoices"), "WAYBILL_URL"])?;
    let saved = waybill.invoiced(&json!({"amount": 5000})).await?;
    let saved = saved["id"].as_str().context("an invoice without an id")?;
    refused(
        &ask(&env, &waybill, &["invoices", "save", saved, "--as", "xrechnung"]).await?,
        &["application/xml;profile=en16931 (UBL)", "--as pdf, html, ubl", "#406-not-acceptable"],
    )?;
    let asked = asking(&env, &waybill, &["orders", "list"]);
    let placed = asking(&env, &waybill, &["orders", "place", "--amount", "1", "--idempotency-key", "mine"]);
    waybill.stop().await?;
    refused(&Waybill::run(&asked).await?, &["cannot be reached", "waybill up", "WAYBILL_URL"])?;
    refused(
        &Waybill::run(&placed).await?,
        &["not known whether", "--idempotency-key mine", "cannot be reached"],
    )?;
    let bad = env.command(&["orders", "list", "--url", "localhost"]);
    refused(&Waybill::run(&bad).await?, &["--url", "http://127.0.0.1:8000"])
}

#[tokio::test]
async fn a_key_from_the_environment_is_sent_and_shown_nowhere() -> Result<()> {
    let env = TestEnv::local()?;
    env.up().await?.stop().await?;
    let key = create(&env, &["orders:write"]).await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let place = ["orders", "place", "--amount", "5000"];
    let without = ask(&env, &waybill, &place).await?;
    refused(&without, &["API key", "WAYBILL_API_KEY", "errors.md#401-unauthorized"])?;
    let with_key = asking(&env, &waybill, &place).variable("WAYBILL_API_KEY", key.as_str());
    Waybill::run(&with_key).await?.succeeded()?;
    let broken = asking(&env, &waybill, &place).variable("WAYBILL_API_KEY", format!("{key}\n{key}"));
    let ended = Waybill::run(&broken).await?;
    refused(&ended, &["WAYBILL_API_KEY", "is not an API key"])?;
    ensure!(!ended.stderr.contains(&key), "{}", ended.stderr);
    Ok(())
}

on_both_databases!(the_doctor_finds_what_is_there_and_what_is_not);

async fn the_doctor_finds_what_is_there_and_what_is_not(env: &TestEnv) -> Result<()> {
    let free = ["--orders-listen", "--invoices-listen", "--gateway-listen", "--traces-listen"]
        .iter()
        .fold(env.command(&["doctor"]), |config, flag| config.argument(*flag).argument("127.0.0.1:0"));
    let before = Waybill::run(&free).await?;
    if env.postgres().is_ok() {
        // A server has the databases and not yet their tables.
        ensure!(before.status.code() == Some(1), "{}", before.status);
        ensure_contains(&before.stdout, ["BAD   orders database", "waybill migrate"])?;
    } else {
        ensure_contains(
            before.succeeded()?,
            ["does not exist yet", "PostgreSQL", "Everything that `waybill up` needs is here."],
        )?;
        ensure!(!env.folder.path().join("data").exists(), "the doctor has made something");
    }
    let waybill = env.up().await?;
    let beside = Waybill::run(&free).await?;
    ensure_contains(beside.succeeded()?, ["has this version's schema", "orders component", "no URL is set"])?;
    let running = [
        ("--orders-listen", waybill.orders.authority()),
        ("--invoices-listen", waybill.invoices.authority()),
        ("--gateway-listen", waybill.gateway.authority()),
        ("--traces-listen", waybill.address("traces")?.authority()),
    ]
    .iter()
    .fold(env.command(&["doctor"]), |config, (flag, address)| config.argument(*flag).argument(*address));
    let running = Waybill::run(&running).await?;
    ensure!(running.succeeded()?.matches("a Waybill that runs serves").count() == 4, "{}", running.stdout);
    let in_use = waybill.gateway.authority().to_owned();
    let taken = Waybill::run(&free.argument("--admin-listen").argument(in_use.as_str())).await?;
    ensure!(taken.status.code() == Some(1), "{}", taken.status);
    ensure_contains(
        &taken.stdout,
        [
            "BAD",
            "admin address",
            in_use.as_str(),
            "is in use",
            "--admin-listen",
            "#an-address-cannot-be-opened",
            "One check failed",
        ],
    )?;
    Ok(())
}

#[tokio::test]
async fn the_doctor_asks_rabbitmq_to_let_it_in_and_declares_nothing() -> Result<()> {
    let Some(rabbit) = Rabbit::start().await else { return Ok(()) };
    let env = TestEnv::local()?;
    let doctor = |url: String| {
        env.command(&["doctor"])
            .argument("--gateway-listen")
            .argument("127.0.0.1:0")
            .variable("BROKER_URL", url)
    };
    let good = Waybill::run(&doctor(rabbit.url())).await?;
    ensure!(good.stdout.contains("accepts the connection and the account"), "{}", good.stdout);
    let queues = rabbit.ctl(&["list_queues", "--silent"]).await;
    ensure!(queues.trim().is_empty(), "queues were declared: {queues}");
    let wrong = rabbit.url().replace("guest:guest", "guest:geheim");
    let bad = Waybill::run(&doctor(wrong)).await?;
    ensure!(!bad.status.success() && bad.stdout.contains("ACCESS_REFUSED"), "{}", bad.stdout);
    ensure!(!bad.stdout.contains("geheim") && !bad.stderr.contains("geheim"), "{}", bad.stdout);
    Ok(())
}

#[tokio::test]
async fn completions_and_manual_name_the_commands() -> Result<()> {
    let env = TestEnv::local()?;
    for (shell, word) in [("bash", "_waybill"), ("zsh", "#compdef waybill"), ("fish", "complete -c waybill")]
    {
        let script = Waybill::run(&env.command(&["completions", shell])).await?;
        ensure_contains(script.succeeded()?, [word, "dead-letters"])?;
    }
    let folder = env.folder.path().join("man");
    let written = Waybill::run(&env.command(&["manual", &folder.display().to_string()])).await?;
    written.succeeded()?;
    let page = std::fs::read_to_string(folder.join("waybill-orders-place.1"))?;
    ensure_contains(&page, [".TH waybill-orders-place 1", "idempotency", "WAYBILL_API_KEY"])
}
