//! What the console shows and changes with an API key, and without one.

use anyhow::{Context as _, Result, ensure};
use waybill_tests::{Http, Waybill, eventually};

use crate::TestEnv;
use crate::access_keys::{BEYOND, create, order};
use crate::console::{LIMIT, get, location, post};

/// Signs in, and returns the session's cookie.
async fn sign_in(gateway: &Http, key: &str) -> Result<String> {
    let signed_in = post(gateway, "/console/sign-in", &format!("key={key}"), None).await?;
    let cookie = signed_in.header("set-cookie").and_then(|it| it.split(';').next());
    Ok(cookie.context("no cookie")?.to_owned())
}

#[tokio::test]
async fn beyond_loopback_it_shows_and_changes_nothing_before_sign_in() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let gateway = &waybill.gateway;
    // Before there is any key, there is nothing to see either.
    for path in ["/console/part/latest", "/console/events", "/console/dead-letters"] {
        gateway.get(path).await?.expect(401).context(path)?;
    }
    let writer = create(&env, &["orders:write"]).await?;
    let biller = create(&env, &["invoices:read"]).await?;
    let both = create(&env, &["orders:read", "orders:write", "invoices:read"]).await?;
    let placed = order(gateway, Some(&writer)).await?;
    let id = placed.json()?["id"].as_str().context("no id")?.to_owned();

    let overview = gateway.get("/console").await?;
    overview.expect(200)?;
    ensure!(
        overview.text().contains("read-only") && overview.text().contains("Sign in"),
        "{}",
        overview.text()
    );
    ensure!(!overview.text().contains(&id) && !overview.text().contains("outbox"), "{}", overview.text());
    let page = format!("/console/orders/{id}");
    for path in [
        &page,
        &format!("{page}/timeline"),
        "/console/orders",
        "/console/invoices",
        "/console/part/latest",
        "/console/part/state",
        "/console/part/charts",
        "/console/events",
        "/console/dead-letters",
        "/console/dead-letters/letter?id=1",
        "/console/nothing",
    ] {
        let refused = gateway.get(path).await?;
        refused.expect(401).with_context(|| path.to_owned())?;
        // The navigation of the layout has links, the page itself nothing.
        ensure!(!refused.text().contains("Committed"), "{path}: {}", refused.text());
    }
    let fields = "amount=1&currency=EUR&customer=1651654165";
    for (path, fields) in [
        ("/console/orders", fields),
        ("/console/dead-letters/replay", "cause=rejected"),
        ("/console/dead-letters/edit", "id=1&body={}"),
        ("/console/parked-events/retry", "reason=x"),
        (&format!("{page}/cancel"), ""),
    ] {
        post(gateway, path, fields, None).await?.expect(401).with_context(|| path.to_owned())?;
    }
    post(gateway, "/console/sign-in", "key=wbk_nonsense", None).await?.expect(401)?;

    let signed_in = post(gateway, "/console/sign-in", &format!("key={both}"), None).await?;
    location(&signed_in)?;
    let cookie = signed_in.header("set-cookie").context("no cookie")?;
    ensure!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    ensure!(!cookie.contains(&both), "the key is in the cookie");
    let cookie = cookie.split(';').next().map(str::to_owned).context("no cookie")?;
    let shown = get(gateway, &page, Some(&cookie)).await?.text();
    ensure!(shown.contains("1651654165") && shown.contains("50.00 EUR"), "{shown}");
    get(gateway, "/console/invoices", Some(&cookie)).await?.expect(200)?;
    location(&post(gateway, "/console/orders", fields, Some(&cookie)).await?)?;

    // A key can do here what it can do elsewhere, and no more.
    let writing = sign_in(gateway, &writer).await?;
    get(gateway, "/console/orders", Some(&writing)).await?.expect(403)?;
    let billing = sign_in(gateway, &biller).await?;
    let overview = get(gateway, "/console", Some(&billing)).await?;
    ensure!(overview.status == 200 && !overview.text().contains(&id), "{}", overview.text());
    for path in [&page, &format!("{page}/timeline"), "/console/part/latest", "/console/dead-letters"] {
        get(gateway, path, Some(&billing)).await?.expect(403).with_context(|| path.to_owned())?;
    }
    location(&post(gateway, "/console/sign-out", "", Some(&cookie)).await?)?;
    get(gateway, "/console/orders", Some(&cookie)).await?.expect(401)
}

#[tokio::test]
async fn beyond_loopback_it_needs_a_key_even_if_the_services_need_none() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config_at(BEYOND).variable("WAYBILL_KEY_CHECK", "off")).await?;
    let placed = order(&waybill.gateway, None).await?;
    let id = placed.json()?["id"].as_str().context("no id")?.to_owned();
    for path in
        ["/console/part/latest", "/console/events", "/console/orders", &format!("/console/orders/{id}")]
    {
        waybill.gateway.get(path).await?.expect(401).with_context(|| path.to_owned())?;
    }
    post(&waybill.gateway, &format!("/console/orders/{id}/cancel"), "", None).await?.expect(401)?;
    ensure!(waybill.gateway.get(&format!("/orders/{id}")).await?.json()?["status"] == "pending");
    Ok(())
}

#[tokio::test]
async fn on_loopback_it_needs_a_key_as_soon_as_there_is_one() -> Result<()> {
    let env = TestEnv::servers().await?;
    let waybill = env.up().await?;
    let gateway = &waybill.gateway;
    let id = order(gateway, None).await?.json()?["id"].as_str().context("no id")?.to_owned();
    let latest = gateway.get("/console/part/latest").await?.text();
    ensure!(latest.contains(&id), "{latest}");
    let key = create(&env, &["orders:read"]).await?;
    eventually("the key to be required", LIMIT, async || {
        Ok((gateway.get("/console/part/latest").await?.status == 401).then_some(()))
    })
    .await?;
    for path in ["/console/events", "/console/dead-letters", &format!("/console/orders/{id}")] {
        gateway.get(path).await?.expect(401).with_context(|| path.to_owned())?;
    }
    let cookie = sign_in(gateway, &key).await?;
    ensure!(get(gateway, "/console/part/latest", Some(&cookie)).await?.text().contains(&id));
    // The services themselves are open to this machine, as before.
    gateway.get("/orders").await?.expect(200)
}
