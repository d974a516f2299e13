//! Requests that no polite client sends, byte for byte.

use std::fmt::Write;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::future::try_join_all;
use hyper::Method;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use waybill_tests::{Http, Ledger, Waybill, raw};

use crate::TestEnv;

/// More than there are instances of a component, so that a slow sender that occupied one would show.
const SLOW_SENDERS: usize = 200;

/// An order of others may not take longer while there are slow senders.
const OTHERS_LIMIT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_body_over_the_limit_is_refused_however_it_is_sent() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    for entry in [&waybill.orders, &waybill.gateway] {
        // Announced, and not even sent.
        let announced = post("Content-Type: application/json\r\nContent-Length: 1000000000\r\n");
        raw::exchange(entry.authority(), announced.as_bytes()).await?.expect_problem(413)?;

        // Not announced.
        let mut chunked = post("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n");
        for _ in 0..17 {
            write!(chunked, "1000\r\n{}\r\n", " ".repeat(0x1000))?;
        }
        chunked.push_str("0\r\n\r\n");
        raw::exchange(entry.authority(), chunked.as_bytes()).await?.expect_problem(413)?;

        // Chunks within the limit are an ordinary order.
        let small = post("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n")
            + "8\r\n{\"amount\r\n4\r\n\":50\r\n1\r\n}\r\n0\r\n\r\n";
        raw::exchange(entry.authority(), small.as_bytes()).await?.expect(201)?;
    }
    let ledger = Ledger::settled(&waybill).await?;
    ensure!(ledger.orders.len() == 2, "{ledger:?}");
    ledger.ensure_invoiced_once(&[])
}

#[tokio::test]
async fn a_form_of_the_console_that_breaks_off_is_no_form_that_is_too_large() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let authority = waybill.gateway.authority();
    let head = |path: &str, length: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n{length}\r\n\r\n"
        )
    };
    let breaks_off = async |path: &str| -> Result<()> {
        let mut binary = head(path, "Content-Length: 5").into_bytes();
        binary.extend_from_slice(b"key=\xff");
        let malformed = head(path, "Transfer-Encoding: chunked") + "5\r\nkey=a\r\nnot a length\r\n";
        let late = head(path, "Content-Length: 5") + "key";
        for (bytes, status, words) in [
            (malformed.as_bytes(), 400, "ended before it was complete"),
            (&binary, 400, "UTF-8"),
            (head(path, "Content-Length: 200000").as_bytes(), 413, "at most 128 KiB"),
            (late.as_bytes(), 408, "did not arrive within 10 s"),
        ] {
            let answer = raw::exchange(authority, bytes).await?;
            ensure!(answer.status == status && answer.text().contains(words), "{path}: {}", answer.text());
        }
        Ok(())
    };
    let paths = ["sign-in", "orders", "parked-events/retry", "dead-letters/replay", "dead-letters/edit"];
    let paths = paths.map(|path| format!("/console/{path}"));
    try_join_all(paths.iter().map(|path| breaks_off(path))).await.map(drop)
}

#[tokio::test]
async fn a_request_that_is_malformed_or_breaks_off_disturbs_no_other() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let authority = waybill.orders.authority();
    for bytes in [
        "nonsense\r\n\r\n".to_owned(),
        "GET\r\n\r\n".to_owned(),
        post("Content-Length: minus one\r\n"),
        post("Content-Length: 1\r\nContent-Length: 2\r\n"),
        post("Transfer-Encoding: chunked\r\n") + "not a length\r\n",
    ] {
        let answer = raw::exchange(authority, bytes.as_bytes()).await?;
        ensure!((400..500).contains(&answer.status), "{bytes:?} gave {}", answer.status);
    }
    // These break off: a head that never ends, a body that is shorter than announced, and a good order whose sender
    // does not wait for the answer.
    let broken_off = [
        "POST /orders HTTP/1.1\r\nHost: localhost".to_owned(),
        post("Content-Type: application/json\r\nContent-Length: 15\r\n") + "{\"amount\"",
        post("Content-Type: application/json\r\nContent-Length: 15\r\n") + "{\"amount\":5000}",
    ];
    for bytes in broken_off {
        let mut stream = raw::connect(authority).await?;
        stream.write_all(bytes.as_bytes()).await?;
        drop(stream);
    }
    ensure!(
        waybill.orders.post_json("/orders", r#"{"amount":5000}"#).await?.status == 201,
        "others are served"
    );
    let ledger = Ledger::settled(&waybill).await?;
    // Whether the order without a listener was taken is open; the one that was not sent completely was not.
    ensure!((1..=2).contains(&ledger.orders.len()), "{ledger:?}");
    ledger.ensure_invoiced_once(&[])
}

#[tokio::test]
async fn what_no_service_serves_is_not_found() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    for (entry, path) in [
        (&waybill.gateway, "/nothing"),
        (&waybill.gateway, "/events"),
        (&waybill.orders, "/nothing"),
        (&waybill.orders, "/invoices"),
        (&waybill.invoices, "/nothing"),
        (&waybill.invoices, "/orders"),
    ] {
        entry
            .get(path)
            .await?
            .expect_problem(404)
            .with_context(|| format!("{} {path}", entry.authority()))?;
    }
    Ok(())
}

#[tokio::test]
async fn a_method_that_an_address_lacks_is_refused_with_those_that_it_has() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = Waybill::start(&env.config().admin()).await?;
    for (listener, path) in [
        ("orders", "/orders"),
        ("invoices", "/invoices"),
        ("gateway", "/orders"),
        ("gateway", "/console/orders"),
        ("traces", "/"),
        ("traces", "/api/traces"),
        ("admin", "/metrics"),
    ] {
        let answer = waybill.address(listener)?.send(Method::DELETE, path, &[], "").await?;
        answer.expect(405).with_context(|| format!("{listener} {path}"))?;
        let allowed = answer.header("allow").unwrap_or_default();
        ensure!(allowed.contains("GET"), "{listener} {path} has Allow: {allowed:?}");
    }
    Ok(())
}

#[tokio::test]
async fn slow_senders_do_not_hold_up_others() -> Result<()> {
    let env = TestEnv::local()?;
    let waybill = env.up().await?;
    let slow = (0..SLOW_SENDERS).map(|_| begin_slowly(&waybill.gateway));
    let slow =
        timeout(OTHERS_LIMIT, try_join_all(slow)).await.context("not all slow senders were let in")??;
    for _ in 0..20 {
        let order = waybill.gateway.post_json("/orders", r#"{"amount":5000}"#);
        let answer = timeout(OTHERS_LIMIT, order).await.context("an order waits for slow senders")??;
        answer.expect(201)?;
    }
    drop(slow);
    let ledger = Ledger::settled(&waybill).await?;
    ensure!(ledger.orders.len() == 20, "{} orders", ledger.orders.len());
    ledger.ensure_invoiced_once(&[])
}

/// Sends the head and the first byte of an order, and returns once the request is in flight.
async fn begin_slowly(entry: &Http) -> Result<tokio::net::TcpStream> {
    let mut stream = raw::connect(entry.authority()).await?;
    let head = post("Content-Type: application/json\r\nContent-Length: 15\r\nExpect: 100-continue\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await?;
    ensure!(&asked == b"HTTP/1.1 100 Continue\r\n\r\n", "{}", String::from_utf8_lossy(&asked));
    stream.write_all(b"{").await?;
    Ok(stream)
}

fn post(headers: &str) -> String {
    format!("POST /orders HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")
}
