//! Pages of other origins, names that resolve to this machine, and proxies, in front of listeners that need no key.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use hyper::Method;
use waybill_tests::{Answer, Waybill, raw};

use crate::TestEnv;
use crate::access_keys::BEYOND;

const EVIL: &str = "https://evil.example";
const SHOP: &str = "https://shop.example.com";
const JSON: (&str, &str) = ("content-type", "application/json");

/// Every listener of `waybill up`, with something that it shows.
const LISTENERS: [(&str, &str); 6] = [
    ("orders", "/orders"),
    ("invoices", "/invoices"),
    ("gateway", "/invoices"),
    ("gateway", "/console"),
    ("traces", "/api/traces?service=orders"),
    ("admin", "/metrics"),
];

async fn up(env: &TestEnv) -> Result<Waybill> {
    Waybill::start(&env.config().admin()).await
}

/// Sends a head byte for byte: a client would choose the Host itself.
async fn send(waybill: &Waybill, listener: &str, line: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    let mut head = format!("{line} HTTP/1.1\r\n");
    for (name, value) in headers {
        write!(head, "{name}: {value}\r\n")?;
    }
    head.push_str("\r\n");
    raw::exchange(waybill.address(listener)?.authority(), head.as_bytes()).await
}

fn refused(answer: &Answer, status: u16, word: &str) -> Result<()> {
    answer.expect_problem(status)?;
    ensure!(answer.text().contains(word), "no {word:?} in {}", answer.text());
    no_cors(answer)
}

fn no_cors(answer: &Answer) -> Result<()> {
    let found = answer.headers.keys().find(|name| name.as_str().starts_with("access-control-"));
    ensure!(found.is_none(), "{found:?} of {}", answer.status);
    Ok(())
}

#[tokio::test]
async fn a_page_of_another_origin_reads_and_changes_nothing() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = up(&env).await?;
    let order = waybill.orders.post_json("/orders", r#"{"amount":5000}"#).await?.json()?;
    let id = order["id"].as_str().context("an order")?;
    let localhost = ("host", "localhost");
    for listener in ["orders", "gateway"] {
        let line = format!("POST /orders/{id}/cancel");
        for foreign in [
            ("origin", EVIL),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let answer =
                send(&waybill, listener, &line, &[localhost, ("content-length", "0"), foreign]).await?;
            refused(&answer, 403, "another origin").with_context(|| format!("{listener} {foreign:?}"))?;
        }
    }
    ensure!(
        waybill.orders.get(&format!("/orders/{id}")).await?.json()?["status"] == "pending",
        "it is as it was"
    );
    for (listener, path) in LISTENERS {
        let get = format!("GET {path}");
        let answer = send(&waybill, listener, &get, &[localhost, ("origin", EVIL)]).await?;
        refused(&answer, 403, "another origin").with_context(|| format!("{listener} {path}"))?;
        let embedded = [
            localhost,
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "no-cors"),
            ("sec-fetch-dest", "image"),
        ];
        refused(&send(&waybill, listener, &get, &embedded).await?, 403, "another origin")?;
        let asked = [localhost, ("origin", EVIL), ("access-control-request-method", "POST")];
        let answer = send(&waybill, listener, &format!("OPTIONS {path}"), &asked).await?;
        no_cors(&answer).with_context(|| format!("{listener} {path}"))?;
        // Links from other pages and clients other than browsers are served.
        let link = [
            localhost,
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
        ];
        for headers in [&link[..], &[localhost]] {
            let answer = send(&waybill, listener, &get, headers).await?;
            ensure!(answer.status == 200, "{listener} {path}: {} {}", answer.status, answer.text());
            no_cors(&answer)?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_name_of_others_that_leads_to_this_machine_is_served_nothing() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = up(&env).await?;
    for (listener, path) in LISTENERS {
        let get = format!("GET {path}");
        for host in ["rebind.example", "rebind.example:8000", "127.0.0.1.rebind.example", "0.0.0.0"] {
            let answer = send(&waybill, listener, &get, &[("host", host)]).await?;
            refused(&answer, 421, host).with_context(|| format!("{listener} {path} for {host}"))?;
        }
        for host in ["localhost:1", "127.0.0.1", "[::1]:8000", "waybill.localhost"] {
            let answer = send(&waybill, listener, &get, &[("host", host)]).await?;
            ensure!(
                answer.status == 200,
                "{listener} {path} for {host}: {} {}",
                answer.status,
                answer.text()
            );
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_proxy_on_this_machine_is_refused_with_a_hint_at_the_key_check() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = up(&env).await?;
    let proxied = [("host", "127.0.0.1:3333"), ("x-forwarded-for", "203.0.113.7")];
    for (listener, path) in LISTENERS {
        let answer = send(&waybill, listener, &format!("GET {path}"), &proxied).await?;
        refused(&answer, 403, "x-forwarded-for").with_context(|| format!("{listener} {path}"))?;
    }
    for headers in [&proxied[..], &[("host", "shop.example.com")]] {
        let answer = send(&waybill, "gateway", "GET /orders", headers).await?;
        ensure!(answer.text().contains("--key-check required"), "{}", answer.text());
    }
    waybill.stop().await?;
    // With keys it may lead here, and without them where the operator says that it checks.
    for (check, status) in [("required", 401), ("off", 200)] {
        let waybill = Waybill::start(&env.config().argument("--key-check").argument(check)).await?;
        for headers in [&proxied[..], &[("host", "shop.example.com")]] {
            let answer = send(&waybill, "gateway", "GET /orders", headers).await?;
            ensure!(answer.status == status, "{check}: {} {}", answer.status, answer.text());
        }
        waybill.stop().await?;
    }
    Ok(())
}

#[tokio::test]
async fn pages_of_named_origins_may_call_the_gateway() -> Result<()> {
    let env = TestEnv::local()?;
    let config = env.config().argument("--cors-origins").argument(format!("http://localhost:3000,{SHOP}"));
    let waybill = Waybill::start(&config).await?;
    let preflight = [
        ("origin", SHOP),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    let answer = waybill.gateway.send(Method::OPTIONS, "/orders", &preflight, "").await?;
    ensure!(matches!(answer.status, 200 | 204), "{} {}", answer.status, answer.text());
    ensure!(answer.header("access-control-allow-origin") == Some(SHOP), "{:?}", answer.headers);
    let methods = answer.header("access-control-allow-methods").unwrap_or_default();
    ensure!(methods.contains("POST"), "{methods}");
    let headers = answer.header("access-control-allow-headers").unwrap_or_default();
    ensure!(headers.to_lowercase().contains("content-type"), "{headers}");

    for origin in [SHOP, "http://localhost:3000"] {
        let headers = [("origin", origin), ("sec-fetch-site", "cross-site"), JSON];
        let order = waybill.gateway.send(Method::POST, "/orders", &headers, r#"{"amount":1}"#).await?;
        order.expect(201)?;
        ensure!(order.header("access-control-allow-origin") == Some(origin), "{:?}", order.headers);
        // The console acts for the signed-in user, so it accepts only its own pages.
        let answer = waybill.gateway.send(Method::POST, "/console/orders", &headers, "amount=1").await?;
        answer.expect(403)?;
    }
    let answer =
        waybill.gateway.send(Method::POST, "/orders", &[("origin", EVIL), JSON], r#"{"amount":1}"#).await?;
    refused(&answer, 403, "--cors-origins")
}

#[tokio::test]
async fn where_keys_are_required_any_origin_may_call_with_a_key() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config_at(BEYOND)).await?;
    let preflight = [("origin", EVIL), ("access-control-request-method", "POST")];
    let answer = waybill.gateway.send(Method::OPTIONS, "/orders", &preflight, "").await?;
    answer.expect(401)?;
    no_cors(&answer)?;
    let host = [("host", "shop.example.com"), ("x-forwarded-for", "203.0.113.7")];
    let answer = send(&waybill, "gateway", "GET /docs", &host).await?;
    answer.expect(200)?;
    no_cors(&answer)
}
