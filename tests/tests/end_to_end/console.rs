//! The console, as a browser without a script would use it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hyper::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use waybill_tests::{Answer, Http, Signal, Waybill, ensure_contains, eventually, raw};

use crate::TestEnv;
use crate::access_keys::ORDER;

pub(crate) const LIMIT: Duration = Duration::from_secs(30);
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

pub(crate) async fn post(gateway: &Http, path: &str, fields: &str, cookie: Option<&str>) -> Result<Answer> {
    let mut headers = vec![FORM];
    headers.extend(cookie.map(|cookie| ("cookie", cookie)));
    gateway.send(Method::POST, path, &headers, fields.to_owned()).await
}

pub(crate) async fn get(gateway: &Http, path: &str, cookie: Option<&str>) -> Result<Answer> {
    let headers: Vec<_> = cookie.map(|cookie| ("cookie", cookie)).into_iter().collect();
    gateway.send(Method::GET, path, &headers, "").await
}

/// Where a redirect leads to.
pub(crate) fn location(answer: &Answer) -> Result<String> {
    answer.expect(303)?;
    Ok(answer.header("location").context("no location")?.to_owned())
}

#[tokio::test]
async fn an_order_is_placed_and_its_timeline_is_shown_to_the_invoice_and_its_documents() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let gateway = &waybill.gateway;
    let overview = gateway.get("/console").await?;
    overview.expect(200)?;
    let security = overview.header("content-security-policy").unwrap_or_default();
    ensure!(security.contains("default-src 'none'") && security.contains("script-src 'self'"), "{security}");
    ensure!(overview.header("cache-control") == Some("no-store"));

    let page = location(
        &post(gateway, "/console/orders", "amount=12.34&currency=eur&customer=1651654165", None).await?,
    )?;
    let shown = eventually("the invoice", LIMIT, async || {
        let shown = gateway.get(&page).await?.text();
        Ok(shown.contains("/console/invoices/").then_some(shown))
    })
    .await?;
    ensure_contains(
        &shown,
        [
            "12.34 EUR",
            "Accepted",
            "Committed",
            "Published",
            "Delivered",
            "Invoiced",
            "From request to invoice",
        ],
    )?;
    ensure!(shown.matches("<li class=\"done\">").count() == 5, "{shown}");
    let traces = waybill.address("traces")?;
    ensure!(shown.contains(&format!("http://{}/trace/", traces.authority())), "{shown}");

    let invoice = format!("/console/invoices/{}", between(&shown, "href=\"/console/invoices/", "\"")?);
    let shown = gateway.get(&invoice).await?.text();
    ensure!(shown.contains("12.34 EUR") && shown.contains("issued"), "{shown}");
    for (document, media_type) in [
        ("page", "text/html"),
        ("invoice.pdf", "application/pdf"),
        ("invoice.xml", "application/xml"),
        ("invoice.json", "application/json"),
    ] {
        let answer = gateway.get(&format!("{invoice}/{document}")).await?;
        answer.expect(200)?;
        let given = answer.header("content-type").unwrap_or_default();
        ensure!(given.starts_with(media_type), "{document}: {given}");
    }
    // It can be paid, and is then shown as that.
    let paid = location(&post(gateway, &format!("{page}/pay"), "", None).await?)?;
    ensure!(gateway.get(&paid).await?.text().contains("The order is paid."));
    let listed = gateway.get("/console/orders?status=paid").await?.text();
    ensure!(listed.contains(page.trim_start_matches("/console/orders/")), "{listed}");
    ensure!(gateway.get("/console/invoices").await?.text().contains(&invoice));
    for missing in
        ["/console/nothing", "/console/orders/00000000-0000-7000-8000-000000000000", "/console/assets/x"]
    {
        gateway.get(missing).await?.expect(404).context(missing)?;
    }
    Ok(())
}

#[tokio::test]
async fn errors_in_an_order_are_shown_at_their_field() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    for (fields, fault) in [
        ("amount=x&currency=EUR&customer=1651654165", "Amount must be a number"),
        ("amount=1.234&currency=EUR&customer=1651654165", "Amount may have 2 digits"),
        ("amount=0&currency=EUR&customer=1651654165", "Amount must be"),
        ("amount=1&currency=XXX1&customer=1651654165", "Currency must be"),
        ("amount=1&currency=EUR&customer=nobody", "Customer must be"),
    ] {
        let answer = post(&waybill.gateway, "/console/orders", fields, None).await?;
        answer.expect(422).context(fields)?;
        ensure!(answer.text().contains(fault), "{fields}: {}", answer.text());
        ensure!(answer.text().contains("aria-invalid"), "{fields}");
    }
    ensure!(
        waybill.orders.get("/orders").await?.json()?["orders"] == serde_json::json!([]),
        "nothing was placed"
    );
    Ok(())
}

#[tokio::test]
async fn requests_from_other_origins_are_refused() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let fields = "amount=1&currency=EUR&customer=1651654165";
    for header in [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")] {
        let headers = [FORM, header];
        let answer = waybill.gateway.send(Method::POST, "/console/orders", &headers, fields).await?;
        answer.expect(403).with_context(|| format!("{header:?}"))?;
    }
    // A foreign name that resolves to this machine.
    let request = b"GET /console HTTP/1.1\r\nhost: evil.example:8000\r\n\r\n";
    raw::exchange(waybill.gateway.authority(), request).await?.expect(421)?;
    ensure!(
        waybill.orders.get("/orders").await?.json()?["orders"] == serde_json::json!([]),
        "nothing was placed"
    );
    Ok(())
}

#[tokio::test]
async fn events_are_streamed_and_do_not_delay_shutdown() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let authority = waybill.gateway.authority();
    let mut stream = raw::connect(authority).await?;
    let request = format!("GET /console/events HTTP/1.1\r\nhost: {authority}\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut received = String::new();
    until(&mut stream, &mut received, "event: depths").await?;
    let answer = waybill.gateway.post_json("/orders", ORDER).await?;
    let id = answer.json()?["id"].as_str().context("no id")?.to_owned();
    until(&mut stream, &mut received, &format!("event: order\ndata: {id}")).await?;
    ensure!(received.contains("text/event-stream"), "{received}");

    waybill.signal(Signal::Term)?;
    let asked = Instant::now();
    until_end(&mut stream).await?;
    let ended = waybill.ended().await?;
    ensure!(ended.status.success() && asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
    Ok(())
}

#[tokio::test]
async fn it_can_be_disabled() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().argument("--no-console")).await?;
    waybill.gateway.get("/console").await?.expect(404)
}

async fn until(stream: &mut tokio::net::TcpStream, received: &mut String, text: &str) -> Result<()> {
    let read = async {
        let mut buffer = [0; 4096];
        while !received.contains(text) {
            let count = stream.read(&mut buffer).await?;
            ensure!(count > 0, "the stream ended after {received}");
            received.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
        Ok(())
    };
    timeout(LIMIT, read).await.with_context(|| format!("no {text}"))?
}

async fn until_end(stream: &mut tokio::net::TcpStream) -> Result<()> {
    let mut rest = Vec::new();
    timeout(LIMIT, stream.read_to_end(&mut rest)).await.context("the stream does not end")??;
    Ok(())
}

/// What stands between two texts.
pub(crate) fn between(text: &str, before: &str, after: &str) -> Result<String> {
    let rest = text.split_once(before).with_context(|| format!("no {before} in {text}"))?.1;
    Ok(rest.split(after).next().unwrap_or_default().to_owned())
}
