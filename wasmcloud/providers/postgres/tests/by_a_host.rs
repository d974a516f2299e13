//! The provider as its host meets it: what it reports over NATS, and how it ends.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use async_nats::Client;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::StreamExt as _;
use nkeys::XKey;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::timeout;
use waybill_lattice_tests::Nats;
use waybill_tests::eventually;

const LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn it_reports_its_health_and_ends_in_order_when_its_own_host_asks() -> Result<()> {
    let Some(nats) = Nats::start().await? else { return Ok(()) };
    let (host, mut provider) = start(&nats, json!([])).await?;
    ensure!(health(&host).await?["healthy"] == true, "without links nothing can be wrong");

    host.publish("wasmbus.rpc.default.postgres.default.shutdown", r#"{"host_id":"another"}"#.into()).await?;
    ensure!(health(&host).await?["healthy"] == true, "another host's wish is not its own host's");

    let asked = host.request("wasmbus.rpc.default.postgres.default.shutdown", r#"{"host_id":"host"}"#.into());
    timeout(LIMIT, asked).await?.context("an answer after the end")?;
    ensure!(timeout(LIMIT, provider.wait()).await??.success(), "it ended badly");
    Ok(())
}

#[tokio::test]
async fn it_reports_an_unavailable_database() -> Result<()> {
    let Some(nats) = Nats::start().await? else { return Ok(()) };
    // Nothing listens on port 1.
    let link = json!({ "source_id": "orders", "target": "postgres", "name": "default", "wit_namespace": "wasmcloud",
        "wit_package": "postgres", "interfaces": ["query"],
        "target_config": { "POSTGRES_URL": "postgresql://waybill:geheim@127.0.0.1:1/orders" } });
    let (host, _provider) = start(&nats, json!([link])).await?;
    let health = health(&host).await?;
    let message = health["message"].as_str().unwrap_or_default();
    ensure!(
        health["healthy"] == false && message.contains("orders") && !message.contains("geheim"),
        "{health}"
    );
    Ok(())
}

#[tokio::test]
async fn it_ends_to_be_restarted_when_the_lattice_has_a_link_that_it_does_not_know() -> Result<()> {
    let Some(nats) = Nats::start().await? else { return Ok(()) };
    let (host, mut provider) = start(&nats, json!([])).await?;
    let mut asked = host.subscribe("wasmbus.ctl.v1.default.link.get").await?;
    let link = json!({ "source_id": "orders", "target": "postgres", "name": "default", "wit_namespace": "wasmcloud",
        "wit_package": "postgres", "interfaces": ["query"] });
    let answer = json!({ "success": true, "message": "", "response": [link] }).to_string();
    let ended = async {
        loop {
            tokio::select! {
                ended = provider.wait() => return anyhow::Ok(ended?),
                Some(question) = asked.next() => {
                    let reply = question.reply.context("a request without a reply subject")?;
                    host.publish(reply, answer.clone().into()).await?;
                }
            }
        }
    };
    ensure!(timeout(LIMIT, ended).await.context("it goes on without the link")??.success(), "it ended badly");
    Ok(())
}

/// Starts the provider as a host does.
async fn start(nats: &Nats, links: Value) -> Result<(Client, Child)> {
    let host = async_nats::connect(nats.url()).await?;
    let host_data = json!({
        "host_id": "host",
        "lattice_rpc_prefix": "default",
        "lattice_rpc_url": nats.url(),
        "provider_key": "postgres",
        "link_definitions": links,
        "env_values": [],
        "host_xkey_public_key": XKey::new().public_key(),
        "provider_xkey_private_key": XKey::new().seed()?,
    });
    let mut command = Command::new(env!("CARGO_BIN_EXE_waybill-provider-postgres"));
    let mut provider = command.env_clear().stdin(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut input = provider.stdin.take().context("no standard input")?;
    input.write_all(STANDARD.encode(host_data.to_string()).as_bytes()).await?;
    input.write_all(b"\r\n").await?;
    // Until it listens, no answer comes.
    eventually("the provider listens", LIMIT, async || Ok(health(&host).await.ok().map(|_| ()))).await?;
    Ok((host, provider))
}

async fn health(host: &Client) -> Result<Value> {
    let answer = timeout(LIMIT, host.request("wasmbus.rpc.default.postgres.health", "{}".into())).await??;
    Ok(serde_json::from_slice(&answer.payload)?)
}
