//! `waybill dead-letters`.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use waybill_tests::{Ended, Peer, Process, Rabbit, Waybill, WaybillConfig, eventually};

use crate::TestEnv;

const LIMIT: Duration = Duration::from_secs(30);
const ORDER: &str = "5f0c7a52-1f0e-4bb4-9d2f-0a3f6f1f8e12";

#[tokio::test]
async fn a_malformed_message_is_found_edited_and_replayed_to_its_invoice() -> Result<()> {
    let Some(system) = DeadLetters::open().await? else { return Ok(()) };
    system
        .send(&format!(r#"{{"orderId":"{ORDER}","amount":"5000","customer":{{"id":"1651654165"}}}}"#))
        .await?;
    let letter = system.only_letter().await?;
    let id = letter["id"].as_str().context("no id")?;
    ensure!(letter["cause"] == "rejected", "{letter}");
    ensure!(letter["lastError"].as_str().is_some_and(|error| error.contains("amount")), "{letter}");
    let shown = system.succeed(&["show", id]).await?;
    ensure!(shown.contains("amount") && shown.contains("rejected"), "{shown}");

    let said = system.succeed(&["replay", "--all", "--dry-run"]).await?;
    ensure!(said.contains("1 would be replayed"), "{said}");
    ensure!(system.only_letter().await? == letter, "a dry run changes nothing");

    // An edit that is as wrong as the original shows what the headers keep.
    let file = system.env.folder.path().join("edited.json");
    std::fs::write(&file, r#"{"orderId":"nothing"}"#)?;
    let file = file.to_string_lossy().into_owned();
    system.succeed(&["replay", id, "--edit", &file, "--by", "Ada"]).await?;
    let edited = eventually("the edited one to fail", LIMIT, async || {
        let letters = system.letters().await?;
        Ok(letters.into_iter().find(|letter| letter["body"] == r#"{"orderId":"nothing"}"#))
    })
    .await?;
    ensure!(edited["originalBody"] == letter["body"], "{edited}");
    ensure!(edited["headers"].to_string().contains("Ada"), "{edited}");

    let right = format!(r#"{{"orderId":"{ORDER}","amount":5000,"customer":{{"id":"1651654165"}}}}"#);
    std::fs::write(&file, right)?;
    let id = edited["id"].as_str().context("no id")?;
    system.succeed(&["replay", id, "--edit", &file, "--by", "Grace"]).await?;
    system.waybill.invoices.invoice_of(ORDER).await?;
    ensure!(system.letters().await?.is_empty(), "nothing is left");
    Ok(())
}

#[tokio::test]
async fn dead_letters_are_discarded_with_a_reason_only_and_chosen_by_their_cause() -> Result<()> {
    let Some(system) = DeadLetters::open().await? else { return Ok(()) };
    for body in ["no json", "{}"] {
        system.send(body).await?;
    }
    eventually("both dead letters", LIMIT, async || Ok((system.letters().await?.len() == 2).then_some(())))
        .await?;
    let list = system.succeed(&["list"]).await?;
    ensure!(list.contains("rejected: 2"), "{list}");
    for wrong in [
        &["discard", "--all"][..],
        &["discard", "--all", "--reason", " "],
        &["discard", "--reason", "x"],
        &["replay"],
        &["replay", "--all", "--edit", "x"],
    ] {
        let ended = system.run(wrong).await?;
        ensure!(!ended.status.success(), "{wrong:?}: {}", ended.stdout);
    }
    ensure!(
        !system.run(&["discard", "--cause", "crash-loop", "--reason", "x"]).await?.status.success(),
        "there is none"
    );
    ensure!(system.letters().await?.len() == 2, "all are still there");
    let ended = system.run(&["discard", "--cause", "rejected", "--reason", "sent by a test"]).await?;
    ensure!(ended.status.success() && ended.stderr.contains("sent by a test"), "{}", ended.stderr);
    ensure!(system.letters().await?.is_empty(), "nothing is left");
    let said = system.succeed(&["list"]).await?;
    ensure!(said.contains("no dead letters"), "{said}");
    Ok(())
}

#[tokio::test]
async fn an_unavailable_broker_is_an_error_without_its_password() -> Result<()> {
    let env = TestEnv::local()?;
    let config = WaybillConfig::command(["dead-letters", "list"], env.folder.path())
        .variable("BROKER_URL", "amqp://guest:geheim@127.0.0.1:1");
    let ended = Process::run(&config).await?;
    ensure!(ended.status.code() == Some(1), "{}", ended.status);
    ensure!(ended.stderr.contains("error: ") && !ended.stderr.contains("geheim"), "{}", ended.stderr);
    Ok(())
}

/// A running system with RabbitMQ, and `waybill dead-letters` on it.
struct DeadLetters {
    env: TestEnv,
    url: String,
    waybill: Waybill,
}

impl DeadLetters {
    async fn open() -> Result<Option<Self>> {
        let Some(url) = Rabbit::virtual_host().await else { return Ok(None) };
        let env = TestEnv::local()?;
        let waybill = Waybill::start(&env.config().variable("BROKER_URL", &url)).await?;
        waybill.invoices.answers("/health", 200).await?;
        Ok(Some(Self { env, url, waybill }))
    }

    async fn send(&self, body: &str) -> Result<()> {
        Peer::connect(&self.url).await?.send_to_queue("orders", body.as_bytes()).await
    }

    async fn run(&self, words: &[&str]) -> Result<Ended> {
        let words = [&["dead-letters"], words].concat();
        Process::run(&WaybillConfig::command(words, self.env.folder.path()).variable("BROKER_URL", &self.url))
            .await
    }

    async fn succeed(&self, words: &[&str]) -> Result<String> {
        let ended = self.run(words).await?;
        ensure!(ended.status.success(), "{words:?}: {}", ended.stderr);
        Ok(ended.stdout)
    }

    async fn letters(&self) -> Result<Vec<Value>> {
        let listed = self.succeed(&["list", "--json"]).await?;
        listed.lines().map(|line| serde_json::from_str(line).context(line.to_owned())).collect()
    }

    async fn only_letter(&self) -> Result<Value> {
        eventually("one dead letter", LIMIT, async || {
            let mut letters = self.letters().await?;
            Ok(if letters.len() == 1 { letters.pop() } else { None })
        })
        .await
    }
}
