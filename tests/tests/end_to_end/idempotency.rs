//! Idempotency keys of several callers, and of versions that did not distinguish callers.

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{Answer, Http, Waybill};

use crate::TestEnv;
use crate::access_keys::{BEYOND, ORDER, create};

#[tokio::test]
async fn an_idempotency_key_belongs_to_the_api_key_that_sent_it() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let (one, other) = (create(&env, &["orders:write"]).await?, create(&env, &["orders:write"]).await?);
    for entry in [&waybill.gateway, &waybill.orders] {
        // Whatever a caller says of itself: the host knows better.
        let spoofed = one.split('_').nth(1).context("a key has an identifier")?;
        let first = place(entry, &one, None).await?;
        let others = place(entry, &other, Some(spoofed)).await?;
        ensure!(first.json()?["id"] != others.json()?["id"], "two callers, two orders: {}", others.text());
        ensure!(place(entry, &one, Some("nobody")).await?.json()? == first.json()?, "its own is kept");
        ensure!(place(entry, &other, None).await?.json()? == others.json()?, "its own is kept");
    }
    // Both entries are the same service.
    let postgres = env.postgres()?;
    let orders = postgres.number("orders", "SELECT count(*) FROM orders").await?;
    ensure!(orders == 2, "{orders} orders");
    Ok(())
}

#[tokio::test]
async fn a_key_of_a_version_that_did_not_distinguish_callers_still_counts() -> Result<()> {
    let env = TestEnv::servers().await?;
    Waybill::run(&env.command(&["migrate"])).await?.succeeded()?;
    let postgres = env.postgres()?;
    // As the version before writes it: SHA-256 of the path, a line break and the body.
    let kept = "INSERT INTO idempotency_keys (key, request_sha256, status, location, answer)
        VALUES ('once', encode(sha256(convert_to('/orders' || chr(10) || $1, 'UTF8')), 'hex'), 201, '/orders/1', '{}')";
    postgres.client("orders").await?.execute(kept, &[&ORDER]).await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let key = create(&env, &["orders:write"]).await?;
    let replayed = place(&waybill.orders, &key, None).await?;
    ensure!(replayed.header("idempotency-replayed") == Some("true"), "{}", replayed.text());
    ensure!(
        postgres.number("orders", "SELECT count(*) FROM orders").await? == 0,
        "it had its effect already"
    );
    Ok(())
}

/// Places an order with the idempotency key `once`.
async fn place(entry: &Http, key: &str, caller: Option<&str>) -> Result<Answer> {
    let bearer = format!("Bearer {key}");
    let mut headers = vec![("content-type", "application/json"), ("idempotency-key", "once")];
    headers.push(("authorization", &bearer));
    headers.extend(caller.map(|caller| ("waybill-caller", caller)));
    let answer = entry.send(Method::POST, "/orders", &headers, ORDER).await?;
    answer.expect(201)?;
    Ok(answer)
}
