//! API keys over time: expiry, revocation, an unavailable database, and secrecy in logs and traces.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{OtlpSink, SinkSpan, Waybill, eventually};

use crate::TestEnv;
use crate::access_keys::{BEYOND, ORDER, create, get, id, order, secret, wrong_id, wrong_secret};

/// How long a change in the database may take to have an effect.
const NOTICE_LIMIT: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_key_that_is_revoked_or_expired_is_refused_within_seconds() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let both = ["orders:write", "invoices:read"];
    let (revoked, expired) = (create(&env, &both).await?, create(&env, &both).await?);
    for key in [&revoked, &expired] {
        order(&waybill.gateway, Some(key)).await?.expect(201)?;
        get(&waybill.gateway, "/invoices", key).await?.expect(200)?;
    }
    Waybill::run(&env.command(&["keys", "revoke", id(&revoked)])).await?.succeeded()?;
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
    let listed = listed.succeeded()?;
    for (key, state) in [(&revoked, "revoked"), (&expired, "expired")] {
        let line = listed.lines().find(|line| line.contains(id(key))).context("it is listed")?;
        ensure!(line.contains(state) && line.contains("orders:write,invoices:read"), "{line}");
        ensure!(!listed.contains(secret(key)), "{listed}");
    }
    Ok(())
}

#[tokio::test]
async fn requests_get_503_while_keys_cannot_be_checked() -> Result<()> {
    let mut env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let key = create(&env, &["orders:write"]).await?;
    order(&waybill.gateway, Some(&key)).await?.expect(201)?;
    env.postgres_mut()?.stop().await?;
    for key in [&key, &wrong_id(&key)] {
        eventually("the check itself is a 503", NOTICE_LIMIT, async || {
            let answer = order(&waybill.gateway, Some(key)).await?;
            answer.expect_problem(503)?;
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
async fn a_key_is_in_no_log_answer_or_span() -> Result<()> {
    let env = TestEnv::servers().await?;
    let sink = OtlpSink::start().await?;
    let log = env.folder.path().join("log");
    // The compiler logs every instruction, and nothing else.
    let filter = "trace,cranelift_codegen=info,cranelift_frontend=info,regalloc2=info,wasmtime_internal_cranelift=info";
    let config = env
        .config_at(BEYOND)
        .variable("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint())
        .variable("RUST_LOG", filter)
        .log_file(log.clone());
    let waybill = Waybill::start(&config).await?;
    let create = env.command(&["keys", "create", "--name", "shop", "--scope", "orders:write"]);
    let made = Waybill::run(&create.variable("RUST_LOG", "trace")).await?;
    let key = made.succeeded()?.trim().to_owned();
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
    ensure!(log.contains(id(&key)), "the log has the look-ups, whose parameter is the identifier");
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
