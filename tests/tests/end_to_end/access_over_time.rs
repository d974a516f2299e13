//! API keys over time: they end, their database goes away, and what is told of them.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{OtlpSink, SinkSpan, Waybill, eventually};

use crate::TestEnv;
use crate::access_keys::{
    BEYOND, ORDER, create, done, get, id, is, is_problem, order, secret, wrong_id, wrong_secret,
};

/// How long it may take until what changed in the database counts.
const NOTICE_LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_key_that_is_revoked_or_expired_is_refused_within_seconds() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let both = ["orders:write", "invoices:read"];
    let (revoked, expired) = (create(&env, &both).await?, create(&env, &both).await?);
    for key in [&revoked, &expired] {
        is(&order(&waybill.gateway, Some(key)).await?, 201)?;
        is(&get(&waybill.gateway, "/invoices", key).await?, 200)?;
    }
    done(&Waybill::run(&env.command(&["keys", "revoke", id(&revoked)])).await?)?;
    let postgres = env.postgres()?;
    for database in ["orders", "invoices"] {
        let expire = "UPDATE api_keys SET expires_at = now() WHERE id = $1";
        ensure!(postgres.client(database).await?.execute(expire, &[&id(&expired)]).await? == 1, "{database}");
    }
    for key in [&revoked, &expired] {
        eventually("the key is refused", NOTICE_LIMIT, async || {
            let (order, invoices) =
                (order(&waybill.gateway, Some(key)), get(&waybill.gateway, "/invoices", key));
            Ok((order.await?.status == 401 && invoices.await?.status == 401).then_some(()))
        })
        .await?;
    }
    let listed = Waybill::run(&env.command(&["keys", "list"])).await?;
    let listed = done(&listed)?;
    for (key, state) in [(&revoked, "revoked"), (&expired, "expired")] {
        let line = listed.lines().find(|line| line.contains(id(key))).context("it is listed")?;
        ensure!(line.contains(state) && line.contains("orders:write,invoices:read"), "{line}");
        ensure!(!listed.contains(secret(key)), "{listed}");
    }
    Ok(())
}

#[tokio::test]
async fn nobody_is_let_in_while_the_keys_cannot_be_asked_for() -> Result<()> {
    let mut env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let key = create(&env, &["orders:write"]).await?;
    is(&order(&waybill.gateway, Some(&key)).await?, 201)?;
    env.postgres_mut()?.stop().await?;
    for key in [&key, &wrong_id(&key)] {
        eventually("the check itself is a 503", NOTICE_LIMIT, async || {
            let answer = order(&waybill.gateway, Some(key)).await?;
            is_problem(&answer, 503)?;
            ensure!(answer.header("retry-after").is_some(), "{:?}", answer.headers);
            Ok(answer.text().contains("No API key can be checked").then_some(()))
        })
        .await?;
    }
    env.postgres_mut()?.restart().await?;
    eventually("the key is taken again", NOTICE_LIMIT, async || {
        Ok((order(&waybill.gateway, Some(&key)).await?.status == 201).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_key_is_told_to_nobody() -> Result<()> {
    let env = TestEnv::servers().await?;
    let sink = OtlpSink::start().await?;
    let log = env.folder.path().join("log");
    // The compiler tells of each instruction, and of nothing else.
    let filter = "trace,cranelift_codegen=info,cranelift_frontend=info,regalloc2=info,wasmtime_internal_cranelift=info";
    let config = env
        .config_at(BEYOND)
        .variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint())
        .variable("RUST_LOG", filter)
        .log_file(log.clone());
    let waybill = Waybill::start(&config).await?;
    let create = env.command(&["keys", "create", "--name", "shop", "--scope", "orders:write"]);
    let made = Waybill::run(&create.variable("RUST_LOG", "trace")).await?;
    let key = done(&made)?.trim().to_owned();
    ensure!(!made.stderr.contains(secret(&key)), "it is shown once: {}", made.stderr);
    let wrong = wrong_secret(&key);
    let mut answers = String::new();
    for key in [&key, &wrong] {
        for name in ["x-api-key", "apikey"] {
            let headers = [("content-type", "application/json"), (name, &**key)];
            answers += &waybill.gateway.send(Method::POST, "/orders", &headers, ORDER).await?.text();
        }
        answers += &order(&waybill.orders, Some(key)).await?.text();
        answers += &get(&waybill.gateway, "/orders", key).await?.text();
        answers += &get(&waybill.invoices, "/invoices", key).await?.text();
    }
    let ended = waybill.stop().await?;
    let spans = sink.spans()?;
    let known = |span: &&SinkSpan| span.attributes.get("enduser.id").is_some_and(|user| user == id(&key));
    ensure!(
        spans.iter().filter(known).count() == 3,
        "who placed the orders is known by the identifier: {spans:#?}"
    );
    let log = std::fs::read_to_string(log)?;
    ensure!(log.contains(id(&key)), "the log tells of the look-ups, whose parameter is the identifier");
    for secret in [secret(&key), secret(&wrong)] {
        for (place, text) in [
            ("log", &log),
            ("output", &ended.stdout),
            ("answers", &answers),
            ("spans", &format!("{spans:?}")),
        ] {
            ensure!(!text.contains(secret), "the key is in the {place}");
        }
    }
    Ok(())
}
